"""What the platform knows, in memory: one table per kind of thing, every row owned by one business."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

Record = dict[str, Any]


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(slots=True)
class Table:
    """Rows by id, oldest first. New ids are the same in every run: they depend on the prefix and the count only."""

    prefix: str
    rows: dict[str, tuple[str, Record]] = field(default_factory=dict)
    added: int = 0

    def add(self, business_id: str, record: Record, *, row_id: str | None = None) -> Record:
        """Put ``record`` in, with an ``id`` as its first member."""
        self.added += 1
        new_id = row_id or f"{self.prefix}_{hashlib.sha256(f'{self.prefix}{self.added}'.encode()).hexdigest()[:12]}"
        row = {"id": new_id, **record}
        self.rows[new_id] = (business_id, row)
        return row

    def find(self, business_id: str, row_id: str) -> Record | None:
        """The row, where it belongs to that business."""
        owner, row = self.rows.get(row_id, ("", {}))
        return row if row and owner == business_id else None

    def of(self, business_id: str) -> list[Record]:
        """All rows of a business, oldest first."""
        return [row for owner, row in self.rows.values() if owner == business_id]

    def remove(self, row_id: str) -> None:
        """Take a row out."""
        del self.rows[row_id]

    def __iter__(self) -> Iterator[Record]:
        return (row for _, row in self.rows.values())


class Store:
    """All tables of one sandbox. ``lock`` is held while a request is answered, so a view may check and then write."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.lock = RLock()
        self.businesses = Table("biz")
        self.staffs = Table("stf")
        self.clients = Table("cli")
        self.notes = Table("not")
        self.documents = Table("doc")
        self.imports = Table("imp")
        self.services = Table("svc")
        self.invoices = Table("inv")
        self.payments = Table("pay")
        self.products = Table("prd")
        self.bookings = Table("bkg")
        self.conversations = Table("cnv")
        self.messages = Table("msg")
        self.templates = Table("tpl")
        self.subscriptions = Table("sub")
        self.offerings = Table("off")
        self.settings: dict[str, Record] = {}
        self.contents: dict[str, bytes] = {}
        self.import_starts: dict[str, tuple[datetime, Record]] = {}
        self.recent_requests: dict[str, list[datetime]] = {}

    def now(self) -> str:
        """The time now, as it stands in records."""
        return timestamp(self.clock())
