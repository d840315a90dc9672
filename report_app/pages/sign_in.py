"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from report_app import attempts, sessions
from report_app.access import User, find_user
from report_app.accounts import email_key, is_password
from report_app.services import outside, services

sign_in = Blueprint("sign_in", __name__)

NOT_KNOWN = "This e-mail address and password do not fit together."
TOO_MANY = "Too many attempts. Wait 15 minutes, then try again."


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


@sign_in.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
def show_sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_next())
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("sign_in.html", form=form, sentence="")
    return _attempt(form)


@sign_in.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    # kept for the case that this request is answered once more
    session_id = g.setdefault("session_to_end", sessions.id_of(session))
    logout_user()
    session.clear()
    _end(session_id)
    return redirect(url_for("sign_in.sign_in"))


def _end(session_id: str) -> None:
    known = services()
    if known.shown is None:
        sessions.end(known.database, session_id, known.now())
    else:
        outside().choice.meanwhile.end(session_id, known.now())


def _attempt(form: SignInForm) -> ResponseReturnValue:
    known = services()
    email, address, now = email_key(form.email.data), request.remote_addr or "", known.now()
    counts = attempts.Counts(known.database) if known.shown is None else outside().choice.meanwhile
    if not attempts.is_allowed(counts, address, email, now):
        return render_template("sign_in.html", form=form, sentence=TOO_MANY), 429
    document = find_user(email)
    password_hash = document["password_hash"] if document else None
    if not is_password(form.password.data, password_hash) or document is None:
        return render_template("sign_in.html", form=form, sentence=NOT_KNOWN), 401
    attempts.forget(counts, address, email, now)
    session.clear()
    session.permanent = True
    sessions.begin(session)
    login_user(User(document))
    return redirect(_next())


def _next() -> str:
    """Where the visitor wanted to go, if that is a page of ours."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wanted if is_ours else url_for("shops.choose")
