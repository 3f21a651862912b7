"""The answers of unfinished walk-throughs, under ``.endpoint-docs/walkthroughs/``: written after every answer."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path

from pytest_endpoint_docs.reporting.atomic_write import write_atomically
from pytest_endpoint_docs.reporting.evidence import StepEvidence
from pytest_endpoint_docs.reporting.project_folder import PROJECT_FOLDER, prepare_project_folder
from pytest_endpoint_docs.reporting.walkthrough import Walkthrough

_FOLDER = Path(PROJECT_FOLDER, "walkthroughs")


class Journal:
    """One file per doc and environment. What it holds outlives an interrupt, a kill and a closed terminal."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / _FOLDER

    def write(self, walk: Walkthrough) -> None:
        """Keep the answers of a walk. Raises: ``OSError``."""
        kept = {
            "doc": walk.doc,
            "environment": walk.environment,
            "contract_hash": walk.contract_hash,
            "tester": walk.tester,
            "started_at": walk.started_at,
            "position": walk.position,
            "answers": [asdict(answer) for answer in walk.answers],
        }
        prepare_project_folder(self._root)
        write_atomically(self._file(walk), (json.dumps(kept, indent=1) + "\n").encode("ascii"))

    def resumed(self, walk: Walkthrough) -> Walkthrough | None:
        """The walk as it was left, or ``None`` where nothing is kept, or the doc or the tester is another one since."""
        try:
            kept = json.loads(self._file(walk).read_text(encoding="utf-8"))
            answers = tuple(StepEvidence(**answer) for answer in kept["answers"])
            same = (kept["doc"], kept["contract_hash"], kept["tester"]) == (walk.doc, walk.contract_hash, walk.tester)
            position = min(int(kept["position"]), len(walk.steps))
            started_at = str(kept["started_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not same or not answers:
            return None
        return replace(walk, answers=answers, position=position, started_at=started_at)

    def forget(self, walk: Walkthrough) -> None:
        """Drop what is kept of a walk, because it is finished or begun anew."""
        self._file(walk).unlink(missing_ok=True)

    def _file(self, walk: Walkthrough) -> Path:
        name = hashlib.sha256(f"{walk.doc}\0{walk.environment}".encode()).hexdigest()[:16]
        return self._folder / f"{name}.json"
