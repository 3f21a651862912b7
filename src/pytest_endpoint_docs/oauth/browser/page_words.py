"""The words on buttons, and what they weigh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from pytest_endpoint_docs.model.value_class import value_class
from pytest_endpoint_docs.oauth.browser.choice_vocabulary import (
    ACCEPT,
    ALLOW,
    CANCEL,
    CONTINUE,
    DENY,
    NO,
    SIGN_IN,
    SKIP,
)
from pytest_endpoint_docs.oauth.browser.form_vocabulary import (
    CAPTCHA,
    LOCKED,
    LOGIN_FAILED,
    NEW_PASSWORD,
    OFFERS,
    REGISTER,
)
from pytest_endpoint_docs.oauth.browser.negation_vocabulary import NOT_ALLOW
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView

# Written without spaces between words, so that a word has no boundary to look for.
_SPACELESS = frozenset(["ja", "zh", "ko"])


@value_class
class Words:
    """Words with one meaning: ``anywhere`` those of all languages, ``by_language`` an expression for each one's."""

    anywhere: re.Pattern[str]
    by_language: Mapping[str, str] = field(default_factory=dict)

    def search(self, text: str, language: str = "") -> re.Match[str] | None:
        """The first of the words in a text; with ``language``, of those of that language alone."""
        if not language or not self.by_language:
            return self.anywhere.search(text)
        words = self.by_language.get(language)
        # Compiled when a page is in that language: re keeps what it compiled.
        return re.search(words, text, re.IGNORECASE) if words else None


Weights = tuple[tuple[Words, int], ...]


def words_of(*tables: Mapping[str, str]) -> Words:
    """The words of these tables, whole words where the language has spaces."""
    bounded: dict[str, str] = {}
    for language in dict.fromkeys(language for table in tables for language in table):
        words = "|".join(table[language] for table in tables if language in table)
        bounded[language] = f"(?:{words})" if language in _SPACELESS else rf"(?<!\w)(?:{words})(?!\w)"
    return Words(
        anywhere=re.compile("|".join(bounded.values()), re.IGNORECASE),
        by_language=bounded,
    )


def _weights(*rows: tuple[str, int]) -> Weights:
    return tuple((Words(anywhere=re.compile(rf"\b(?:{words})\b", re.IGNORECASE)), weight) for words, weight in rows)


GRANTING: Weights = (
    (words_of(ALLOW), 10),
    (words_of(ACCEPT), 9),
    *_weights(
        (r"confirm|connect(?! with\b)", 7),
        # A device or an app is trusted; "Trust Center" is a page about the company.
        (r"trust(?= (?:this|the|my|it)\b)|^(?:yes,? )?trust(?=\W*$)", 7),
        (r"(?:browser|computer|gerät|app|anwendung) vertrauen|^(?:ja,? )?vertrauen(?=\W*$)", 7),
    ),
    (words_of(CONTINUE), 6),
    *_weights((r"proceed|next|ok|okay|got it", 5), (r"submit|done|finish", 3)),
)
SIGNING_IN: Weights = (
    (words_of(SIGN_IN), 8),
    *_weights(
        (r"(?:with|use|using|enter)(?: (?:my|your|an?|the))? (?:e-?mail|password|user ?name)|select password", 8),
        (r"next|continue|proceed|submit|verify|confirm|go|enter|ok", 5),
    ),
    (words_of(CONTINUE), 5),
)
DENYING: Weights = (
    (words_of(NOT_ALLOW), 14),
    (words_of(DENY), 10),
    (words_of(CANCEL), 9),
    (words_of(NO, SKIP), 7),
    *_weights(
        (r"(?:go )?back|return to|leave|close|exit|zurück|retour|volver|voltar|indietro|terug|назад|戻る|返回", 5)
    ),
)
# Neither granting nor denying: somebody else's account, another page, a toy.
LEADING_AWAY: Weights = (
    (words_of(REGISTER, NEW_PASSWORD), 20),
    *_weights(
        (r"log ?out|sign ?out|logoff|sign ?off|abmelden|déconnexion|cerrar sesión|terminar sessão|sair|uitloggen", 20),
        (r"switch|another account|different (?:account|user)|not you|change (?:account|user)", 20),
        (r"forgot|forgotten|reset|recover|trouble|vergessen|oublié|olvid\w+|esquec\w+|dimenticat\w+|forgotten", 20),
        (r"revoke|delete|remove|download|print|share|copy", 20),
        (r"theme|dark|light|toggle|language|menu|help|support|learn more|details?|show|hide|settings|manage|edit", 12),
        (r"privacy|terms|policy|conditions|imprint|about|contact|home", 8),
        (r"(?:with|via|using|mit|avec|con|com|met|med|przez) (?:google|git(?:hub|lab)|facebook|apple|okta)", 20),
        (r"(?:with|via|using|mit|avec|con|com|met|med|przez) (?:microsoft|twitter|x|linkedin)", 20),
        (r"passkey|security key|magic link|qr code|google|facebook|newsletter|subscribe|search|sso|saml", 12),
    ),
)
SKIPPING = words_of(SKIP)
OFFERING = words_of(OFFERS)
LOCKING = words_of(LOCKED)
FAILING = words_of(LOGIN_FAILED)
ROBOTS = words_of(CAPTCHA)
REGISTERING = words_of(REGISTER)
RENEWING = words_of(NEW_PASSWORD)
_COOKIES_ELSEWHERE = "クッキー|Кук|ملفات تعريف الارتباط|쿠키"
COOKIES = re.compile(f"cookie|{_COOKIES_ELSEWHERE}", re.IGNORECASE)
# On a button "Cookie" alone may be a name: "Deny Cookie Shop".
COOKIES_TO_ALLOW = re.compile(rf"\bcookies\b|\bcookie[- ](?:consent|notice|policy)|{_COOKIES_ELSEWHERE}", re.IGNORECASE)
STRONG_GRANT = 9


def weight_of_text(text: str, weights: Weights, language: str = "") -> int:
    """The heaviest row that a text matches; 0 where none does.

    ``language`` is what the page says of the text. Where words of that language are in it, no others are looked for:
    "no" refuses in Spanish, and stands before a noun in Portuguese.
    """
    spoken = language if language and speaks(text, language) else ""
    return max((points for words, points in weights if words.search(text, spoken)), default=0)


def weight(control: Control, weights: Weights) -> int:
    """The heaviest row that the control's text matches.

    Where the text says nothing, its name, id and value count at half.
    """
    if speaks(control.text):
        return weight_of_text(control.text, weights, control.language)
    # "deny-button", "btnAllow": parts of identifiers are words too.
    names = f"{control.name} {control.id} {control.value}".replace("_", " ")
    return weight_of_text(re.sub(r"([a-z])([A-Z])", r"\1 \2", names), weights) // 2


def knows(language: str) -> bool:
    """Whether the words of this language ("pt") are known."""
    return language in ALLOW


def speaks(text: str, language: str = "") -> bool:
    """Whether a text holds any word that weighs something; with ``language``, one of the words of that language."""
    tables = (GRANTING, DENYING, LEADING_AWAY, SIGNING_IN)
    rows = (words for table in tables for words, _ in table)
    return any(words.search(text, language) for words in rows if not language or language in words.by_language)


def granting(control: Control) -> int:
    """How much a click on this grants; 0 and less: do not click it to grant."""
    grant, against = weight(control, GRANTING), weight(control, DENYING)
    # "Allow access to settings" leads nowhere else, "Continue with Google" does.
    if not (grant >= STRONG_GRANT and begins_granting(control)):
        against = max(against, weight(control, LEADING_AWAY))
    return grant - 2 * against + _form_bonus(control)


def is_consent_page(view: PageView) -> bool:
    """Whether a button of the page clearly grants something."""
    return any(
        control.kind == "button" and granting(control) >= STRONG_GRANT and weight(control, GRANTING) >= STRONG_GRANT
        for control in view.controls
    )


def begins_granting(control: Control) -> bool:
    """Whether the text starts with a granting word."""
    return any(words.anywhere.match(control.text) for words, _ in GRANTING)


def denying(control: Control) -> int:
    """How much a click on this refuses; 0 and less: do not click it to refuse."""
    refusal = weight(control, DENYING)
    # "Don't allow" holds a granting word as well; "Allow" holds no refusing one.
    return refusal - weight(control, LEADING_AWAY) - (weight(control, GRANTING) if refusal < STRONG_GRANT else 0)


def signing_in(control: Control) -> int:
    """How much a click on this submits a login form."""
    against = max(weight(control, DENYING), weight(control, LEADING_AWAY))
    return weight(control, SIGNING_IN) - 2 * against + _form_bonus(control)


def _form_bonus(control: Control) -> int:
    if control.submits and control.form_posts:
        return 2
    return -1 if control.kind == "link" else 0
