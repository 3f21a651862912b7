"""How each language says that one does not allow or accept: around or inside the words that grant.

"Nicht einverstanden", "Accepterer ikke" and "同意しません" hold a granting word; each language has its own way to
turn it. ``GRANT`` stands for the granting words of the language.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_endpoint_docs.oauth.browser.choice_vocabulary import ACCEPT, ALLOW

_TURNED: Mapping[str, str] = {
    "en": r"(?:not|never|without|cannot|dont|\w+n['’]t) (?:\w+ )?"
    r"(?:(?:GRANT|authori[sz])\w*|connect|continue|proceed|trust)",
    "de": r"(?:nicht|ohne|keine?) (?:\w+ )?(?:GRANT|zustimmung|einwilligung|erlaubnis)|stimme (?:\w+ )?nicht zu",
    "fr": r"(?:ne pas|sans) (?:\w+ )?(?:GRANT)|(?:n['’]|ne )(?:accept|autoris|approuv|consen|permet)\w* pas|je refuse",
    "es": r"(?:no|sin) (?:\w+ )?(?:GRANT|consiento|consentir)|no estoy de acuerdo",
    "pt": r"(?:não|sem) (?:\w+ )?(?:GRANT|consinto|consentir)",
    "it": r"(?:non|senza) (?:\w+ )?(?:GRANT|(?:accett|autorizz|approv|consent|permett|conced|acconsent)\w*)",
    "nl": r"(?:niet|zonder) (?:\w+ )?(?:GRANT)|sta niet toe",
    "sv": r"(?:GRANT)(?:er|r)? inte|inte (?:\w+ )?(?:GRANT)|utan att (?:GRANT)",
    "da": r"(?:GRANT)(?:er)? ikke|ikke (?:\w+ )?(?:GRANT)|uden at (?:GRANT)",
    "nb": r"(?:GRANT)(?:er|r)? ikke|ikke (?:\w+ )?(?:GRANT)|uten å (?:GRANT)",
    "fi": r"(?:en|älä|ei|ilman) (?:GRANT)",
    "pl": r"(?:nie|bez) (?:\w+ )?(?:GRANT|zezwalaj|pozwalaj|akceptuj|zatwierdzaj|wyrażam|zgody)",
    "cs": r"ne(?:GRANT|povolovat|přijímat|schvalovat)|bez souhlasu",
    "tr": r"izin verm(?:e(?!k)|i)\w*|kabul etm(?:e(?!k)|i)\w*|(?:onayla|yetkilendir)m(?:[ae](?!k)|[ıi])\w*",
    "ru": r"(?:не|без) (?:\w+ )?(?:GRANT|(?:разреша|одобря|принима|предоставля|соглаша)\w+|согласна|согласия)",
    "uk": r"(?:не|без) (?:\w+ )?(?:GRANT|(?:дозволя|прийма|надава|схвалю|погоджу)\w+|згоди)",
    "el": r"(?:δεν|μην?|χωρίς) (?:\w+ )?(?:GRANT|επιτρέπεται|επιτρέψ\w+)",
    "ar": r"(?:لا|لن|لم|عدم|غير|بدون) (?:\w+ )?(?:GRANT|الموافقة|القبول|أقبل|أسمح)",
    "ja": r"(?:GRANT)(?:し|せ|でき|は|を)*(?:ない|ません|ず)",
    "zh": r"(?:不|未|勿|别)(?:要|予|能)?(?:GRANT)",
    "ko": r"(?:GRANT)(?:하지|하기|을|를|은)? ?(?:않|안|못|없)|(?:안|못) ?(?:GRANT)",
}
NOT_ALLOW: Mapping[str, str] = {
    language: turned.replace("GRANT", f"{ALLOW[language]}|{ACCEPT[language]}") for language, turned in _TURNED.items()
}
