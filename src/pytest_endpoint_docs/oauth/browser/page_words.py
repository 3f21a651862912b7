"""The words on buttons, and what they weigh."""

from __future__ import annotations

import re

from pytest_endpoint_docs.oauth.browser.observation import Control

Weights = tuple[tuple[re.Pattern[str], int], ...]


def _weights(*rows: tuple[str, int]) -> Weights:
    return tuple((re.compile(rf"\b(?:{words})\b", re.IGNORECASE), weight) for words, weight in rows)


GRANTING = _weights(
    (r"allow|authori[sz]e|approve|grant(?: access| permission)?", 10),
    (r"accept|agree|consent|permit", 9),
    (r"confirm|connect", 7),
    (r"yes|continue", 6),
    (r"proceed|next|ok|okay|got it", 5),
    (r"submit|done|finish", 3),
)
SIGNING_IN = _weights(
    (r"(?:sign|log)[ -]?(?:in|on)|login|signin", 8),
    (r"(?:with|use|using) (?:e-?mail|password|user ?name)", 8),
    (r"next|continue|proceed|submit|verify|confirm|go|enter|ok", 5),
)
DENYING = _weights(
    (r"deny|decline|refuse|reject|disallow|disagree|dismiss", 10),
    (r"(?:do ?n[o']?t|don’t|do not|never) (?:allow|authori[sz]e|accept|agree|approve|connect)", 14),
    (r"cancel|abort", 9),
    (r"no|not now|no,? thanks?", 7),
    (r"(?:go )?back|return to|leave|close|exit", 5),
)
# Neither granting nor denying: somebody else's account, another page, a toy.
LEADING_AWAY = _weights(
    (r"log ?out|sign ?out|logoff|sign ?off", 20),
    (r"switch|another account|different (?:account|user)|not you|change (?:account|user)", 20),
    (r"sign ?up|register|create (?:an )?account|forgot|forgotten|reset|recover|trouble", 20),
    (r"revoke|delete|remove|download|print|share|copy", 20),
    (r"theme|dark|light|toggle|language|menu|help|support|learn more|details?|show|hide|settings|manage|edit", 12),
    (r"privacy|terms|policy|conditions|imprint|about|contact|home", 8),
    (
        r"(?:with|via|using) (?:google|github|gitlab|facebook|apple|microsoft|twitter|x|linkedin|okta)",
        20,
    ),
    (r"passkey|security key|magic link|qr code|google|facebook|newsletter|subscribe|search|sso|saml", 12),
)
COOKIES = re.compile(r"cookie", re.IGNORECASE)
STRONG_GRANT = 9


def weight(control: Control, weights: Weights) -> int:
    """The heaviest row that the control's text matches.

    Where the text says nothing, its name, id and value count at half.
    """
    for text, share in ((control.text, 2), (f"{control.name} {control.id} {control.value}".replace("_", " "), 1)):
        # "deny-button", "btnAllow": parts of identifiers are words too.
        words = re.sub(r"([a-z])([A-Z])", r"\1 \2", text) if share == 1 else text
        found = max((points for pattern, points in weights if pattern.search(words)), default=0)
        if found or (share == 2 and speaks(text)):
            return found * share // 2
    return 0


def speaks(text: str) -> bool:
    """Whether a text holds any word that weighs something."""
    return any(pattern.search(text) for table in (GRANTING, DENYING, LEADING_AWAY, SIGNING_IN) for pattern, _ in table)


def granting(control: Control) -> int:
    """How much a click on this grants; 0 and less: do not click it to grant."""
    grant, against = weight(control, GRANTING), weight(control, DENYING)
    # "Allow access to settings" leads nowhere else, "Continue with Google" does.
    if not (grant >= STRONG_GRANT and begins_granting(control)):
        against = max(against, weight(control, LEADING_AWAY))
    return grant - 2 * against + _form_bonus(control)


def begins_granting(control: Control) -> bool:
    """Whether the text starts with a granting word."""
    return any(pattern.match(control.text) for pattern, _ in GRANTING)


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
