"""A server on loopback that lets devices in, its answers to the device as a test plants them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from local_site import Answer, Asked, Site, html, to

from pytest_endpoint_docs.http.client import HttpClient
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.oauth.consent_session import ConsentSession
from pytest_endpoint_docs.oauth.device_grant import DeviceGrants
from pytest_endpoint_docs.oauth.token_endpoint import TokenRequests
from pytest_endpoint_docs.redaction.redactor import Redactor

USER_CODE = "WDJB-MJHT"
DEVICE_CODE = "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS"
TOKEN = "token-of-the-device-4711"


def in_json(answer: object, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(answer), headers={"Content-Type": "application/json"})


@dataclass(slots=True)
class DeviceServer:
    """``/device`` asks for a login, for the code, and for the consent; ``planted`` are error codes that come first.

    ``complete``: the device is told a URL with the code in it. ``decided`` is the person's decision.
    """

    site: Site
    complete: bool = True
    password: str = "correct horse"
    planted: list[str] = field(default_factory=list)
    decided: str = ""
    after_html: str = "<h1>Connected</h1><p>Go back to your device.</p>"
    code_html: str = (
        "<h1>Connect a device</h1><form><label>Code <input name=user_code></label><button>Continue</button></form>"
    )
    consent_html: str = (
        "<h1>Let Living room in?</h1><form method=post action=/decide>"
        "<button name=decision value=deny>Deny</button><button name=decision value=allow>Allow</button></form>"
    )
    script: str = ""
    asked: Asked | None = None

    def __post_init__(self) -> None:
        self.site.pages |= {
            "/device_authorization": self.start,
            "/device": self.device,
            "/login": self.login,
            "/decide": self.decide,
            "/token": self.token,
        }

    @property
    def polls(self) -> int:
        return self.site.count("POST", "/token")

    def start(self, asked: Asked) -> Answer:
        self.asked, self.decided = asked, ""
        where = f"{self.site.origin}/device"
        complete = {"verification_uri_complete": f"{where}?{urlencode({'user_code': USER_CODE})}"}
        return in_json(
            {
                "device_code": DEVICE_CODE,
                "user_code": USER_CODE,
                "verification_uri": where,
                **(complete if self.complete else {}),
                "expires_in": 60,
                "interval": 0.5,
            }
        )

    def device(self, asked: Asked) -> Answer:
        if asked.cookies.get("who") != "alice":
            form = (
                "<h1>Log in</h1><form method=post action=/login><input type=hidden name=next value='{}'>"
                "<label>User name <input name=username></label>"
                "<label>Password <input name=password type=password></label><button>Log in</button></form>"
            )
            return html(form.format(f"/device?{urlencode(asked.query)}") + self.script, title="Log in")
        given = asked.query.get("user_code", "")
        if given.replace("-", "") != USER_CODE.replace("-", ""):
            wrong = "<p role=alert>There is no such code</p>" if given else ""
            return html(wrong + self.code_html + self.script, title="Connect a device")
        return html(self.consent_html + self.script, title="Consent")

    def login(self, asked: Asked) -> Answer:
        if asked.form.get("password") != self.password:
            again = self.device(replace(asked, cookies={}))
            return replace(again, body="<p role=alert>Wrong password</p>" + again.body)
        return to(asked.form["next"], **{"Set-Cookie": "who=alice; Path=/; HttpOnly"})

    def decide(self, asked: Asked) -> Answer:
        self.decided = asked.form["decision"]
        return html(self.after_html, title="Decided")

    def token(self, asked: Asked) -> Answer:
        if self.planted:
            return in_json({"error": self.planted.pop(0)}, 400)
        if asked.form.get("device_code") != DEVICE_CODE:
            return in_json({"error": "invalid_grant"}, 400)
        if not self.decided:
            return in_json({"error": "authorization_pending"}, 400)
        if self.decided == "deny":
            return in_json({"error": "access_denied"}, 400)
        return in_json({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 60})


def settings_of(site: Site) -> dict[str, object]:
    """The settings of an environment that says so."""
    return {
        "authorize_url": "",
        "grant": "device_code",
        "device_url": f"{site.origin}/device_authorization",
        "scope": "openid tv",
    }


def devices_of(session: ConsentSession, redactor: Redactor) -> DeviceGrants:
    """The device of a session, and of its redactor."""
    settings = session.settings
    http = HttpClient(Environment(name="devices", file=None, base_url=settings.token_url))
    requests = TokenRequests(settings, http, redactor=redactor, announce=session.announce)
    return DeviceGrants(settings, http, requests, redactor, session)
