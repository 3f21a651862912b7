"""What lies over the control that is to be used: it is put away first, told by where it lies and not by its name."""

from __future__ import annotations

import re
from dataclasses import replace

from pytest_endpoint_docs.oauth.browser.decisions import Act, Decision, Progress
from pytest_endpoint_docs.oauth.browser.observation import Control, PageView
from pytest_endpoint_docs.oauth.browser.page_words import DENYING, GRANTING, LEADING_AWAY, SKIPPING, weight

_CLOSING = re.compile(
    r"\b(?:close|dismiss|schlie(?:ß|ss)en|fermer|cerrar|fechar|chiudi|sluiten|stäng|luk|lukk|sulje|zamknij|zavřít|kapat"
    r"|закрыть|закрити|κλείσιμο)\b|إغلاق|閉じる|关闭|關閉|닫기|^\s*[×✕✖xX]\s*$",
    re.IGNORECASE,
)


def cleared(decision: Decision, view: PageView, progress: Progress) -> Decision:
    """The decision; or, where what it would use is covered, the act that puts away what covers it."""
    if not isinstance(decision, Act):
        return decision
    used = [control for item in decision.fills for control in item.controls]
    used += [decision.click] if decision.click else []
    if not any(control.covered for control in used) or any(control.covering for control in used):
        return decision
    way = _way_out(view, progress)
    if way is None:
        return decision
    return Act(title=f'close what covers the page: click "{way.text}"', click=way, aside=True)


def asks_back(decision: Decision, progress: Progress, view: PageView) -> bool:
    """Whether what lies over the control came when that was clicked: it is the page's question, and to be answered."""
    click = decision.click if isinstance(decision, Act) else None
    return click is not None and click.covered and (view.document, click.identity) in progress.used


def only_what_covers(view: PageView) -> PageView:
    """The page without all that something else lies over."""
    return replace(view, controls=tuple(control for control in view.controls if control.covering))


def _way_out(view: PageView, progress: Progress) -> Control | None:
    found = [
        (_putting_away(control), control)
        for control in view.controls
        if control.covering
        and control.kind in ("button", "link")
        and control.enabled
        and not progress.clicked(view, control)
    ]
    _, best = max(found, key=lambda pair: pair[0], default=(0, None))
    return best if best is not None and _putting_away(best) > 0 else None


def _putting_away(control: Control) -> int:
    """How surely a click on this closes what it stands on, and does nothing else; 0: not at all."""
    if weight(control, LEADING_AWAY) and not _CLOSING.search(control.text):
        return 0
    if _CLOSING.search(control.text) or re.search(r"\b(?:close|dismiss)\b", f"{control.id} {control.name}"):
        return 20
    if SKIPPING.search(control.text):
        return 15
    # Refusing comes before accepting: it is what is asked there that nobody knows.
    return weight(control, DENYING) or weight(control, GRANTING) // 2
