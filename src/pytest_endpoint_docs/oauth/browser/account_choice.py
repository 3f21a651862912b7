"""Choosing between login and consent: which account, which organisation."""

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
    fresh = [control for control in found if control.enabled and not progress.clicked(view, control)]
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
