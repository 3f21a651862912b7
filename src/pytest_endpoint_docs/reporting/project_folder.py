"""``.endpoint-docs``, the folder of a project where runs keep things: all of it but the evidence stays out of git."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

PROJECT_FOLDER = ".endpoint-docs"
_IGNORED = """# Written by pytest-endpoint-docs: logins and tokens stay here, evidence of manual runs is for everybody.
*
!.gitignore
!evidence/
!evidence/**
"""


def prepare_project_folder(root: Path) -> Path:
    """The folder under a root directory, made where it is missing, with a ``.gitignore`` of its own."""
    folder = root / PROJECT_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    # Two workers may both find it missing; what is there already is the project's.
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as file:
        file.write(_IGNORED)
    return folder
