"""Pages in one style: self-contained HTML from the templates beside this module, which load nothing from anywhere."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pytest_endpoint_docs.errors import MissingExtra

_TEMPLATES = Path(__file__).parent / "templates"


def require_jinja(page: str) -> None:
    """Refuse a page before the work for it is done. Raises: ``ConfigError`` where Jinja2 is not installed."""
    if find_spec("jinja2") is None:
        raise MissingExtra(f"{page} needs Jinja2", extra="report")


def template_text(*names: str) -> str:
    """The text of style sheets or scripts of the templates, one after the other."""
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def render_page(template: str, **values: object) -> str:
    """A page from one of the templates; every value is escaped, apart from what the template calls ``safe``."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(template).render(values)
    # What servers and docs say may hold lone surrogates, which have no UTF-8 form.
    return page.encode("utf-8", "replace").decode("utf-8")
