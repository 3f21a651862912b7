"""What exists in a fresh sandbox, the same every time."""

from __future__ import annotations

from datetime import timedelta

from pytest_endpoint_docs.sandbox.store import Store

HOME = "biz_1"
OTHER = "biz_2"

PRODUCTS = (
    ("Beeswax balm", 1200),
    ("Canvas bag", 1900),
    ("Gift card", 5000),
    ("Linen towel", 2400),
    ("Massage oil", 1800),
    ("Tea sampler", 950),
    ("Wool socks", 1400),
)
OFFERINGS = (
    ("Starter", "package", True, 1900),
    ("Team", "package", True, 4900),
    ("Solo (2019)", "package", False, 900),
    ("Text messages", "addon", True, 500),
)


def seed(store: Store) -> None:
    """Fill ``store`` with one business at work (``biz_1``) and an empty one beside it (``biz_2``)."""
    now = store.now()
    for business_id, name in ((HOME, "Harbor Studio"), (OTHER, "Hill Bakery")):
        store.businesses.add(business_id, {"name": name, "country": "US", "created_at": now}, row_id=business_id)
        store.settings[business_id] = {
            "time_zone": "UTC",
            "currency": "USD",
            "booking_notice_min": 0,
            "updated_at": now,
        }
    for row_id, first_name, role in (("stf_1", "Alice", "owner"), ("stf_2", "Ben", "employee")):
        email = f"{first_name.lower()}@example.com"
        staff = {"first_name": first_name, "last_name": "Harbor", "email": email, "role": role}
        store.staffs.add(HOME, staff, row_id=row_id)
    _seed_clients(store, now)
    _seed_sales(store, now)
    store.conversations.add(HOME, {"client_id": "cli_1", "message_count": 1, "last_message_at": now}, row_id="cnv_1")
    message = {"conversation_id": "cnv_1", "client_id": "cli_1", "channel": "email", "text": "Is there parking nearby?"}
    store.messages.add(HOME, {**message, "direction": "in", "created_at": now}, row_id="msg_1")
    template = {"name": "Reminder", "channel": "sms", "text": "See you tomorrow, [first_name]!", "created_at": now}
    store.templates.add(HOME, template, row_id="tpl_1")


def _seed_clients(store: Store, now: str) -> None:
    regular: list[str] = ["regular"]
    newcomer: list[str] = []
    people = (
        ("cli_1", "Carla", "Reyes", "customer", regular),
        ("cli_2", "Dan", "Okafor", "lead", newcomer),
    )
    for row_id, first_name, last_name, status, tags in people:
        client = {
            "first_name": first_name,
            "last_name": last_name,
            "email": f"{first_name.lower()}.{last_name.lower()}@example.com",
            "phone": None,
            "status": status,
            "tags": tags,
            "created_at": now,
            "updated_at": now,
        }
        store.clients.add(HOME, client, row_id=row_id)


def _seed_sales(store: Store, now: str) -> None:
    for row_id, name, duration_min, price in (("svc_1", "Massage", 60, 9000), ("svc_2", "Consultation", 30, 0)):
        service = {"name": name, "duration_min": duration_min, "price": price, "currency": "USD", "created_at": now}
        store.services.add(HOME, service, row_id=row_id)
    for number, (name, price) in enumerate(PRODUCTS, start=1):
        store.products.add(HOME, {"name": name, "price": price, "currency": "USD"}, row_id=f"prd_{number}")
    for number, (name, kind, is_active, price) in enumerate(OFFERINGS, start=1):
        offering = {"name": name, "type": kind, "is_active": is_active, "price": price}
        store.offerings.add("", offering, row_id=f"off_{number}")
    invoice = {
        "number": "INV-00001",
        "client_id": "cli_1",
        "state": "issued",
        "currency": "USD",
        "items": [{"description": "Massage", "quantity": 1, "unit_amount": 9000}],
        "total": 9000,
        "paid": 0,
        "open": 9000,
        "due_date": (store.clock() + timedelta(days=14)).date().isoformat(),
        "created_at": now,
    }
    store.invoices.add(HOME, invoice, row_id="inv_1")
