"""Why the browser itself would not submit a form (HTML standard, "Constraints"): no answer of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_endpoint_docs.oauth.browser.observation import Control

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle

# The first field of the element's form that is not valid, and the first of the reasons that holds.
_INVALID_FIELD = """(element) => {
  const form = element.form;
  if (!form || form.noValidate || element.formNoValidate) return null;
  const field = [...form.elements].find((each) => each.willValidate && !each.validity.valid);
  if (!field) return null;
  const reasons = ['valueMissing', 'typeMismatch', 'patternMismatch', 'tooShort', 'tooLong', 'customError'];
  const label = field.getAttribute('aria-label') || (field.labels && field.labels[0] ? field.labels[0].innerText : '');
  return {
    reason: reasons.find((reason) => field.validity[reason]) || '',
    type: field.type || '',
    name: field.name || '',
    text: (label || '').replace(/\\s+/g, ' ').trim(),
    placeholder: field.getAttribute('placeholder') || '',
    title: field.title || '',
    said: field.validationMessage || '',
  };
}"""
# Chooses in each list of the element's form that is required, if it has one entry. Returns one that is left.
_CHOOSE = """(element) => {
  const form = element.form;
  if (!form || form.noValidate || element.formNoValidate) return null;
  for (const each of form.elements) {
    if (!(each instanceof HTMLSelectElement) || !each.willValidate || !each.validity.valueMissing) continue;
    const entries = [...each.options].filter((option) => option.value !== '' && !option.matches(':disabled'));
    if (entries.length !== 1) {
      const label = each.getAttribute('aria-label') || (each.labels && each.labels[0] ? each.labels[0].innerText : '');
      const text = (label || '').replace(/\\s+/g, ' ').trim();
      return { name: each.name || '', text, entries: entries.length };
    }
    entries[0].selected = true;
    for (const kind of ['input', 'change']) each.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  return null;
}"""
_TYPES = {"email": "an email address", "url": "a URL"}


async def refused_field(element: ElementHandle) -> str | None:
    """The field that keeps the browser from submitting the form of ``element``, and why; ``None`` where none does.

    ``element`` is what submits: a button, or the field in which Enter is pressed.
    """
    found: dict[str, str] | None = await element.evaluate(_INVALID_FIELD)
    if found is None:
        return None
    field = Control(
        kind="password" if found["type"] == "password" else "text",
        type=found["type"],
        text=found["text"],
        name=found["name"],
        placeholder=found["placeholder"],
    )
    return f"the {field.describe()} {_demand(found)}"


async def unchosen_list(element: ElementHandle) -> str | None:
    """The list in the form of ``element`` where an entry has to be chosen and nothing says which, for a person.

    Where there is one entry alone, it is chosen.
    """
    found: dict[str, Any] | None = await element.evaluate(_CHOOSE)
    if found is None:
        return None
    field = Control(kind="select", text=found["text"], name=found["name"])
    entries = f"nothing says which of its {found['entries']} entries" if found["entries"] else "it has no entry"
    return f"the {field.describe()} is required, and {entries}{' to choose' if found['entries'] else ''}"


def _demand(found: dict[str, str]) -> str:
    if found["reason"] == "valueMissing":
        return "is required, and nothing is filled in there"
    if found["reason"] == "typeMismatch":
        return f"expects {_TYPES.get(found['type'], 'another kind of text')}, and something else was typed"
    if found["reason"] == "customError":
        return f'refuses the text that was typed: "{found["said"]}"'
    hint = f' ("{found["title"]}")' if found["title"] else ""
    return f"does not accept text of this form{hint}"
