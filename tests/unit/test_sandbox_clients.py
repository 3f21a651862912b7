"""Clients and documents. Every answer in here is also held against the OpenAPI description."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sandbox_description import DescribedFlow, only_error
from werkzeug.test import TestResponse

FILES = Path(__file__).parents[2] / "fixtures" / "files"


class TestClients:
    def test_life_of_a_client(self, flow: DescribedFlow) -> None:
        body = {"first_name": "Eva", "email": "eva@example.com", "phone": "+15550100", "unknown": 1}
        answer = flow.call("POST", "/platform/v1/clients", json=body)
        client, path = answer.json["data"], answer.headers["Location"]
        assert (answer.status_code, path) == (201, f"/platform/v1/clients/{client['id']}")
        assert "unknown" not in client
        assert flow.call("PUT", path, json={"status": "customer"}).json["data"]["status"] == "customer"
        tags = flow.call("PUT", f"{path}/tags", json={"tags": ["vip", "early", "vip"]})
        assert tags.json["data"]["tags"] == ["early", "vip"]
        assert flow.call("DELETE", path).status_code == 204
        assert flow.call("GET", path).status_code == 404

    def test_an_email_address_belongs_to_one_client(self, flow: DescribedFlow) -> None:
        answer = flow.call("POST", "/platform/v1/clients", json={"first_name": "C", "email": "CARLA.reyes@example.com"})
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (409, "cli_1")
        moved = flow.call("PUT", "/platform/v1/clients/cli_2", json={"email": "carla.reyes@example.com"})
        assert moved.status_code == 409
        assert (
            flow.call("PUT", "/platform/v1/clients/cli_1", json={"email": "carla.reyes@example.com"}).status_code == 200
        )

    def test_each_wrong_field_is_named(self, flow: DescribedFlow) -> None:
        answer = flow.call("POST", "/platform/v1/clients", json={"email": 5, "phone": "12", "status": "new"})
        assert answer.status_code == 422
        assert {error["field"]: error["code"] for error in answer.json["errors"]} == {
            "first_name": "missing",
            "email": "wrong_type",
            "phone": "bad_format",
            "status": "not_allowed",
        }

    def test_bodies_that_are_no_json(self, flow: DescribedFlow) -> None:
        path = "/platform/v1/clients"
        assert flow.call("POST", path, data="{", content_type="application/json").status_code == 400
        assert flow.call("POST", path, data={"first_name": "x"}).status_code == 415
        assert flow.call("POST", path, json=[]).status_code == 422

    def test_a_client_who_owes_money_stays(self, flow: DescribedFlow) -> None:
        answer = flow.call("DELETE", "/platform/v1/clients/cli_1")
        assert (answer.status_code, only_error(answer)["conflicts_with"]) == (409, "inv_1")

    def test_pages_have_totals_and_links(self, flow: DescribedFlow) -> None:
        for number in range(5):
            flow.made("/platform/v1/clients", {"first_name": f"N{number}", "email": f"n{number}@example.com"})
        answer = flow.call("GET", "/platform/v1/clients?page=2&per_page=3&filter[status]=lead")
        assert answer.json["data"]["pagination"] == {"page": 2, "per_page": 3, "total": 6, "total_pages": 2}
        assert len(answer.json["data"]["clients"]) == 3
        links = answer.headers["Link"]
        assert '/platform/v1/clients?page=1&per_page=3&filter%5Bstatus%5D=lead>; rel="prev"' in links
        assert 'rel="next"' not in links

    @pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=51", "filter[status]=none", "sort=age"])
    def test_parameters_out_of_range_are_422(self, flow: DescribedFlow, query: str) -> None:
        answer = flow.call("GET", f"/platform/v1/clients?{query}")
        assert (answer.status_code, only_error(answer)["field"]) == (422, query.partition("=")[0])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("filter[tag]=regular", ["Carla"]),
            ("filter[status]=lead", ["Dan"]),
            ("search=OKAF", ["Dan"]),
            ("sort=last_name", ["Dan", "Carla"]),
            ("sort=-created_at", ["Dan", "Carla"]),
        ],
    )
    def test_filters_and_order(self, flow: DescribedFlow, query: str, expected: list[str]) -> None:
        clients = flow.call("GET", f"/platform/v1/clients?{query}").json["data"]["clients"]
        assert [client["first_name"] for client in clients] == expected

    def test_what_did_not_change_is_304(self, flow: DescribedFlow) -> None:
        path = "/platform/v1/clients/cli_1"
        tag = flow.call("GET", path).headers["ETag"]
        assert flow.call("GET", path, headers={"If-None-Match": tag}).status_code == 304
        flow.call("PUT", path, json={"phone": "+15550111"})
        assert flow.call("GET", path, headers={"If-None-Match": tag}).status_code == 200

    def test_notes_are_newest_first(self, flow: DescribedFlow) -> None:
        path = "/platform/v1/clients/cli_1/notes"
        first, second = (flow.made(path, {"content": text}) for text in ("one", "two"))
        assert [note["id"] for note in flow.call("GET", path).json["data"]["notes"]] == [second["id"], first["id"]]
        assert flow.call("DELETE", f"/platform/v1/clients/cli_2/notes/{first['id']}").status_code == 404
        assert flow.call("DELETE", f"{path}/{first['id']}").status_code == 204

    def test_an_import_is_done_after_a_while(self, flow: DescribedFlow) -> None:
        people = [
            {"first_name": "F", "email": "f@example.com"},
            {"first_name": "C", "email": "carla.reyes@example.com"},
        ]
        answer = flow.call("POST", "/v3/clients/imports", json={"clients": people})
        assert (answer.status_code, answer.json["data"]["state"]) == (202, "running")
        assert flow.call("GET", answer.headers["Location"]).json["data"]["state"] == "running"
        flow.clock.advance(0.5)
        job = flow.call("GET", answer.headers["Location"]).json["data"]
        assert (job["state"], job["created"], job["skipped"]) == ("done", 1, 1)


class TestDocuments:
    def upload(
        self, flow: DescribedFlow, content: bytes, content_type: str = "text/plain", **fields: str
    ) -> TestResponse:
        data = {"client_id": "cli_1", **fields, "file": (io.BytesIO(content), "letter.txt", content_type)}
        return flow.call("POST", "/platform/v1/documents", data=data, content_type="multipart/form-data")

    def test_what_is_uploaded_comes_back(self, flow: DescribedFlow) -> None:
        content = (FILES / "welcome-letter.txt").read_bytes()
        answer = self.upload(flow, content, title="Welcome")
        path = answer.headers["Location"]
        assert (answer.json["data"]["title"], answer.json["data"]["size_bytes"]) == ("Welcome", len(content))
        again = flow.call("GET", f"{path}/content")
        assert (again.data, again.mimetype) == (content, "text/plain")
        assert flow.call("GET", path).json == answer.json
        assert flow.call("DELETE", path).status_code == 204
        assert flow.call("GET", f"{path}/content").status_code == 404

    def test_what_is_not_taken(self, flow: DescribedFlow) -> None:
        assert self.upload(flow, b"x" * 100_001).status_code == 413
        assert self.upload(flow, b"x", "application/x-sh").status_code == 415
        assert only_error(self.upload(flow, b"x", client_id="cli_9"))["field"] == "client_id"
        assert flow.call("POST", "/platform/v1/documents", json={"client_id": "cli_1"}).status_code == 415
        empty = flow.call("POST", "/platform/v1/documents", data={"title": "x"}, content_type="multipart/form-data")
        assert [error["field"] for error in empty.json["errors"]] == ["client_id", "file"]
