"""Choosing between login and consent: which second factor, which account, which organisation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_endpoint_docs.oauth.browser.decisions import Act, Person, Progress
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import DENYING, LEADING_AWAY, granting, weight

_MOST_AGAINST = 3
_CHOOSING = r"(?:choose|select|pick|which|switch to|(?:aus)?wählen|welche|choisi\w+|sélectionne\w+|elig\w+|eleg\w+"
_CHOOSING += r"|selec\w+|escolh\w+|scegli\w*|seleziona\w*|kies|selecteer|välj|vælg|velg|valitse|wybierz|vyberte|seçin"
_CHOOSING += r"|выберите|оберіть|επιλέξτε)"
_KINDS = r"(?:organi[sz]ation\w*|workspace|tenant|team|company|business|unternehmen|firma|mandant\w*|entreprise|société"
_KINDS += r"|equipo|empresa|azienda|organizza\w+|organiza\w+|bedrijf|organisatie|företag|virksomhed|yritys|organisaatio"
_KINDS += r"|firmę|organizac\w+|kuruluş|организац\w+|компани\w+|організац\w+|οργανισμ\w+)"
_ASKS = re.compile(
    rf"\b{_CHOOSING}\b.*\b{_KINDS}|(?:اختر).*(?:المؤسسة|منظمة)|組織.*選|选择.*(?:组织|公司)|조직.*선택", re.IGNORECASE
)

# The entry of a menu for one-time codes that are computed; not one that sets such an app up.
_APPS = "authenticator|authenti(?:cation|fizierungs).?app|d.authentification|autenticación|autenticação|autenticazione"
_APP = re.compile(rf"{_APPS}|\btotp\b", re.IGNORECASE)
_SETS_UP = r"set ?up|add|install|download|get (?:the|an?)|enrol\w*|register|remove|lost|don.?t have|learn|einrichten"
_SETS_UP += r"|hinzufügen|installier\w*|configur\w+|ajouter|añadir|agregar|adicionar|aggiungi"
_SETTING_UP = re.compile(rf"\b(?:{_SETS_UP})\b(?! (?:verification )?code)", re.IGNORECASE)
_NOT_THIS = re.compile(
    r"\b(?:try|use|choose|select|verify|sign in) (?:another|a different|other) (?:way|method|option|factor)"
    r"|\bother (?:ways|methods|options)|\bcan.?(?:not|t) use\b",
    re.IGNORECASE,
)


def code_by_app(view: PageView, clickable: Sequence[Control], progress: Progress, person: Person) -> Act | None:
    """The way from a menu of second factors, or from one that needs a telephone, to the field for a computed code."""
    if not person.has_totp or "password" not in progress.submitted or "totp" in progress.typed:
        return None
    fresh = progress.fresh(view, clickable)
    radio = next((one for one in view.controls if one.kind == "radio" and one.enabled and _is_app(one)), None)
    submit = next((control for control in fresh if control.submits and not _away(control)), None)
    if radio and submit:
        return Act(title=f'choose "{radio.text}", click "{submit.text}"', ticks=((radio, True),), click=submit)
    other = (control for control in fresh if _NOT_THIS.search(control.text))
    chosen = next(filter(_is_app, fresh), None) or next(other, None)
    return Act(title=f'choose the second factor: click "{chosen.text}"', click=chosen) if chosen else None


def _is_app(control: Control) -> bool:
    text = control.text
    return bool(_APP.search(text)) and not (_SETTING_UP.search(text) or _NOT_THIS.search(text))


def own_account(view: PageView, clickable: Sequence[Control], progress: Progress, person: Person) -> Control | None:
    """The entry of an account chooser that is this person's."""
    if not person.username:
        return None
    username = person.username.lower()
    found = [
        control
        for control in clickable
        if username in control.text.lower().split() or (("@" in username) and username in control.text.lower())
    ]
    fresh = progress.fresh(view, found)
    return next(
        (control for control in fresh if weight(control, DENYING) == 0 and granting(control) > -_MOST_AGAINST), None
    )


def first_organisation(view: PageView, clickable: Sequence[Control], progress: Progress) -> Act | None:
    """The first entry of a page that asks which organisation to use: nothing says which one is wanted."""
    if not any(_ASKS.search(text) for text in (view.title, *view.headings)):
        return None
    radios = [control for control in view.controls if control.kind == "radio" and control.enabled]
    submit = next(
        (control for control in clickable if control.submits and control.enabled and not _away(control)), None
    )
    if radios and submit and not progress.clicked(view, submit):
        ticks = () if any(radio.checked for radio in radios) else ((radios[0], True),)
        return Act(title=f'choose the first organisation, click "{submit.text}"', ticks=ticks, click=submit)
    entries = [control for control in clickable if control.enabled and control.text and not _away(control)]
    first = next((control for control in entries if not progress.clicked(view, control)), None)
    # A list of them: a page whose first entry leads back here would else be walked down to its end.
    if radios or first is None or first is not entries[0]:
        return None
    return Act(title=f'choose the first organisation: click "{first.text}"', click=first)


def _away(control: Control) -> bool:
    return bool(weight(control, DENYING) or weight(control, LEADING_AWAY))
