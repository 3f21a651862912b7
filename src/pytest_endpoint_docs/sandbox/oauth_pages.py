"""The pages for people: login, consent, and what to say when something is wrong."""

from __future__ import annotations

import secrets

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for

from pytest_endpoint_docs.sandbox.oauth_server import SandboxRequest
from pytest_endpoint_docs.sandbox.platform import platform
from pytest_endpoint_docs.sandbox.settings import User

blueprint = Blueprint("pages", __name__, template_folder="templates")

SCOPE_TEXTS = {
    "openid": "know who you are",
    "profile": "see your name",
    "email": "see your email address",
    "clients.read": "read the clients of your business",
    "bookings.read": "read the bookings of your business",
}


def page(template: str, status: int = 200, **values: object) -> Response:
    """A page with what protects it."""
    session.setdefault("csrf_token", secrets.token_urlsafe(16))
    text = render_template(template, csrf_token=session["csrf_token"], **values)
    answer = make_response(text, status)
    # No form-action: Chromium applies it to the redirect after the form too, and would stop the code.
    policy = {"default-src": "'none'", "style-src": "'unsafe-inline'", "img-src": "data:", "base-uri": "'none'"}
    for name, value in platform().rules.frame_headers.items():
        if name.islower():
            policy[name] = value
        else:
            answer.headers[name] = value
    answer.headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def problem_page(title: str, message: str) -> Response:
    """What is wrong, for the person."""
    return page("problem.html", 400, title=title, message=message)


def expired_form_page() -> Response:
    """What to do where :func:`form_is_ours` says no."""
    return problem_page("This form is too old", "Go back, load the page again, and repeat what you did.")


def current_user() -> User | None:
    """Who is logged in."""
    users = {user.username: user for user in platform().settings.users}
    return users.get(session.get("username", ""))


def form_is_ours() -> bool:
    """Whether the form that was posted comes from a page of this session."""
    sent = request.form.get("csrf_token", "")
    return secrets.compare_digest(sent.encode(), str(session.get("csrf_token", "")).encode()) and bool(sent)


def _authorize_again(target: str) -> str | None:
    """``target``, where it is the authorization endpoint or the page for devices: a login leads nowhere else."""
    return target if target.startswith((url_for("pages.authorize") + "?", url_for("device.verify"))) else None


@blueprint.get("/")
def home() -> Response:
    return page("home.html", user=current_user())


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> Response:
    target = _authorize_again(request.values.get("next", ""))
    if request.method == "GET":
        return page("login.html", target=target, username="", wrong=False)
    if not form_is_ours():
        return expired_form_page()
    username, password = request.form.get("username", ""), request.form.get("password", "")
    user = next((user for user in platform().settings.users if user.username == username), None)
    known = user.password if user else ""
    if not (user and secrets.compare_digest(known.encode(), password.encode())):
        return page("login.html", 422, target=target, username=username, wrong=True)
    session.clear()
    session["username"] = user.username
    answer = redirect(target or url_for("pages.home"), platform().rules.after_login_status)
    return make_response(answer)


@blueprint.post("/logout")
def logout() -> Response:
    target = _authorize_again(request.form.get("next", ""))
    if form_is_ours():
        session.clear()
    return make_response(redirect(url_for("pages.login", next=target), 303))


@blueprint.route("/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """The authorization endpoint (RFC 6749 section 3.1). The request is in the query, the decision in the form."""
    here, user = platform(), current_user()
    repeated = frozenset(name for name in request.args if len(request.args.getlist(name)) > 1)
    asked = SandboxRequest(request, request.args.to_dict(), repeated)
    request_uri = asked.parameters.get("request_uri", "")
    if request_uri:
        pushed = here.grants.pushed.get(request_uri)
        client_id = asked.parameters.get("client_id")
        if not pushed or here.settings.clock() >= pushed.expires_at or not here.rules.may_open(pushed, client_id):
            return problem_page("This request cannot be answered", "The request_uri is unknown, used or expired.")
        asked = SandboxRequest(request, {**pushed.parameters, "client_id": client_id or ""})
    try:
        grant = here.server.get_consent_grant(asked, end_user=user)
    except OAuth2Error as error:
        if error.redirect_uri:
            return here.server.handle_error_response(asked, error)
        return problem_page("This request cannot be answered", error.description)
    where = f"{request.script_root}{request.path}?{request.query_string.decode('ascii', 'replace')}"
    if user is None:
        return make_response(redirect(url_for("pages.login", next=where), 302))
    consent = (user.subject, grant.client.client_id, asked.scope)
    decision = request.form.get("decision")
    remembered = here.settings.remember_consent and consent in here.grants.consents
    if decision is None and not remembered:
        scopes = [SCOPE_TEXTS[scope] for scope in asked.scope.split()]
        return page("consent.html", client=grant.client, user=user, scopes=scopes, where=where)
    if decision is not None and not form_is_ours():
        return expired_form_page()
    allowed = remembered or here.rules.allowed(decision)
    if here.rules.forgets_pushed:
        here.grants.pushed.pop(request_uri, None)
    if allowed:
        here.grants.consents.add(consent)
    answer: Response = here.server.create_authorization_response(
        asked, grant_user=user if allowed else None, grant=grant
    )
    return answer
