"""A zoo of login and consent pages: one row per page, each with its outcome and how often the password was sent.

A row's pages replace those of an ordinary server: ``login`` posts to ``/login``, ``after`` is shown once after the
right password (and leads to ``/authorize``), ``consent`` posts to ``/decide``. ``failed`` is the whole answer to a
login, and so is an error status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

USER = "<input name=username>"
PASSWORD = "<input type=password name=password>"


def login(inner: str = f"<label>User name {USER}</label><label>Password {PASSWORD}</label>", go: str = "Log in") -> str:
    return f"<h1>Welcome</h1><form method=post action=/login>{inner}<button>{go}</button></form>"


def consent(inner: str, before: str = "<h1>Contract tests</h1>") -> str:
    return f"{before}<form method=post action=/decide>{inner}</form>"


DENY = "<button name=decision value=deny>Cancel</button>"
ALLOW = "<button name=decision value=allow>Allow</button>"
REGISTER = (
    "<form method=post action=/register><h2>{heading}</h2><input type=email name=email required>"
    "<input type=password name=password {more}>{again}<button>{button}</button></form>"
)


def register(
    heading: str = "New here?", button: str = "Create account", *, more: str = "", again: str = "", action: str = ""
) -> str:
    form = REGISTER.format(heading=heading, button=button, more=more, again=again)
    return form.replace("/register", action) if action else form


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooPage:
    """``outcome`` is ``code``, or what the failure's message contains; ``attempts`` is how often the password came.

    ``pages`` are more pages, by their path; ``{user}`` in them is the user name.
    """

    id: str
    login: str = login()
    after: str = ""
    consent: str = consent(DENY + ALLOW)
    failed: str = ""
    failed_status: int = 200
    outcome: str = "code"
    attempts: int = 1
    pages: Mapping[str, str] = field(default_factory=dict)


# language: user name, password, sign in, cancel, allow, agree, register, change the password, not now
_LANGUAGES = {
    "en": ("User name", "Password", "Log in", "Cancel", "Authorize", "I agree", "Sign up",
           "Change password", "Not now"),
    "de": ("Benutzer", "Passwort", "Anmelden", "Ablehnen", "Zulassen", "Ich stimme zu", "Konto erstellen",
           "Neues Passwort", "Nicht jetzt"),
    "fr": ("Identifiant", "Mot de passe", "Se connecter", "Refuser", "Autoriser", "J'accepte", "S'inscrire",
           "Nouveau mot de passe", "Plus tard"),
    "es": ("Usuario", "Contraseña", "Iniciar sesión", "Denegar", "Permitir", "Acepto", "Crear cuenta",
           "Cambiar contraseña", "Ahora no"),
    "pt": ("Usuário", "Senha", "Entrar", "Negar", "Permitir", "Aceito", "Criar conta", "Redefinir senha", "Agora não"),
    "it": ("Utente", "Password", "Accedi", "Nega", "Consenti", "Accetto", "Registrati", "Nuova password", "Non ora"),
    "nl": ("Gebruikersnaam", "Wachtwoord", "Inloggen", "Weigeren", "Toestaan", "Akkoord", "Registreren",
           "Nieuw wachtwoord", "Niet nu"),
    "sv": ("Användarnamn", "Lösenord", "Logga in", "Neka", "Tillåt", "Jag samtycker", "Skapa konto",
           "Nytt lösenord", "Inte nu"),
    "pl": ("Użytkownik", "Hasło", "Zaloguj się", "Odmów", "Zezwól", "Zgadzam się", "Załóż konto", "Zmień hasło",
           "Nie teraz"),
    "cs": ("Uživatel", "Heslo", "Přihlásit se", "Odmítnout", "Povolit", "Souhlasím", "Registrovat", "Změnit heslo",
           "Teď ne"),
    "tr": ("Kullanıcı", "Şifre", "Giriş yap", "Reddet", "İzin ver", "Kabul ediyorum", "Kayıt ol", "Yeni şifre",
           "Şimdi değil"),
    "ru": ("Имя", "Пароль", "Войти", "Отклонить", "Разрешить", "Согласен", "Регистрация", "Новый пароль", "Не сейчас"),
    "ar": ("المستخدم", "كلمة المرور", "تسجيل الدخول", "رفض", "السماح", "أوافق", "إنشاء حساب", "كلمة مرور جديدة",
           "ليس الآن"),
    "ja": ("ユーザー", "パスワード", "ログイン", "拒否する", "許可する", "同意する", "新規登録", "パスワードの変更",
           "後で"),
    "zh": ("用户名", "密码", "登录", "拒绝", "允许", "我同意", "注册", "修改密码", "以后再说"),
    "ko": ("사용자", "비밀번호", "로그인", "거부", "허용", "동의합니다", "회원가입", "비밀번호 변경", "나중에"),
}  # fmt: skip


def _in(language: str) -> list[ZooPage]:
    user, password, sign_in, cancel, allow, agree, sign_up, change, later = _LANGUAGES[language]
    fields = f"<label>{user} <input name=username></label><label>{password} {PASSWORD}</label>"
    agreed = consent(
        f"<label><input type=checkbox name=agreed value=yes>{agree}</label>"
        f"<label><input type=checkbox name=other>{user}</label>"
        f"<button name=decision value=deny>{cancel}</button><button name=decision value=allow>{allow}</button>"
    )
    offer = (
        f"<h1>{change}</h1><form method=post action=/changed><input type=password name=a><input type=password name=b>"
        f"<button>{change}</button></form><a href=/authorize>{later}</a>"
    )
    return [
        ZooPage(
            id=f"{language}: sign-up form first, a new password can be put off, a box to agree",
            login=register(sign_up, sign_up) + login(fields, sign_in),
            after=offer,
            consent=agreed,
        ),
    ]


FORMS = [
    ZooPage(id="sign-up form first, told by its button", login=register() + login()),
    ZooPage(id="sign-up form first, told by autocomplete", login=register("Hi", "Go", more="autocomplete=new-password")
            + login()),
    ZooPage(id="sign-up form first, told by two passwords",
            login=register("Hi", "Go", again="<input type=password name=again>") + login()),
    ZooPage(id="sign-up form first, told by its heading", login=register("Create an account", "Continue") + login()),
    ZooPage(id="sign-up form first, told by its action", login=register("Hi", "Go", action="/signup") + login()),
    ZooPage(id="only a sign-up form", login=register(button="Continue", again="<input type=password name=again>"),
            outcome="form for registration, which is never filled in", attempts=0),
    ZooPage(id="only a sign-up form with one password", login=register("Sign up", "Continue"),
            outcome="form for registration, which is never filled in", attempts=0),
    ZooPage(id="a sign-up form, and a link to the login",
            login=register() + "<a href='/start'>Already have an account? Log in</a>"),
    ZooPage(id="a form to reset the password first",
            login="<form method=post action=/x><h2>Forgot your password?</h2><input type=email name=email>"
            "<button>Send</button></form>" + login()),
    ZooPage(id="the password must be changed after the login", after="<h1>Your password has expired</h1>"
            "<form method=post action=/x><input type=password name=current><input type=password name=new>"
            "<button>Continue</button></form>", outcome="form for a new password, which is never filled in"),
    ZooPage(id="the password is a text input", login=login(
        "<label>User <input name=username></label>"
        "<label>Secret word <input name=password autocomplete=current-password></label>",
    )),
    ZooPage(id="autocomplete says current-password", login=login(
        "<input name=username autocomplete=username><input type=password name=password autocomplete=current-password>",
        "Continue")),
]  # fmt: skip
CAPTCHAS = [
    ZooPage(id="a captcha to read", login=login(f"{USER}{PASSWORD}<label>Captcha <input name=answer></label>"),
            outcome="captcha, which only a person can solve", attempts=0),
    ZooPage(id="a captcha in German", login=login(f"{USER}{PASSWORD}<label>Zeichen im Bild <input name=c></label>"),
            outcome="captcha, which only a person can solve", attempts=0),
    ZooPage(id="a captcha's widget", login=login(f"{USER}{PASSWORD}<div class=g-recaptcha style='height:78px'></div>"),
            outcome="captcha, which only a person can solve", attempts=0),
    ZooPage(id="a captcha's box", login=login(f"{USER}{PASSWORD}<label><input type=checkbox>I'm not a robot</label>"),
            outcome="captcha, which only a person can solve", attempts=0),
    ZooPage(id="a captcha after a failure", failed=login(f"{USER}{PASSWORD}<label>Captcha <input name=x></label>"),
            outcome="captcha, which only a person can solve"),
    ZooPage(id="a page that asks whether one is human", login="<h1>Verify you are human</h1><button>Go</button>",
            outcome="captcha, which only a person can solve", attempts=0),
    ZooPage(id="the badge of a captcha that works unseen", login=login() + "<div class=grecaptcha-badge "
            "style='width:256px;height:60px'><div class=grecaptcha-logo style='height:60px'>x</div></div>"),
]  # fmt: skip
REJECTIONS = [
    ZooPage(id="rejected: the form again", failed=login(), outcome="the login was rejected"),
    ZooPage(id="rejected: the form again with 401", failed=login(), failed_status=401, outcome="login was rejected"),
    ZooPage(id="rejected: a page without a form", failed="<h1>Wrong user name or password</h1>",
            outcome="the login was rejected: the page says \"Wrong user name or password\""),
    ZooPage(id="rejected: status 403", failed="<h1>No</h1>", failed_status=403, outcome="the login was rejected"),
    ZooPage(id="rejected: a page with a link back",
            failed="<h1>Anmeldung fehlgeschlagen</h1><a href=/authorize>Hier</a>",
            outcome="the login was rejected"),
    ZooPage(id="rejected: a page with a form for something else", failed="<h1>Mot de passe incorrect</h1>"
            "<form method=post action=/x><button>Aide</button></form>", outcome="the login was rejected"),
    ZooPage(id="rejected: a link to log in again", failed="<h1>Login failed</h1><a href=/authorize>Log in again</a>",
            outcome="the login was rejected"),
    ZooPage(id="rejected: status 401 and nothing else", failed_status=401, outcome="the login was rejected"),
    ZooPage(id="rejected: JSON", failed='{"error": "bad_credentials"}', failed_status=400,
            outcome="login was rejected"),
    *(
        ZooPage(id=f"locked: {said}", failed=f"<p role=alert>{said}</p>" + login(), outcome="the account is locked")
        for said in (
            "Your account has been locked", "Too many failed attempts", "Ihr Konto ist gesperrt", "Compte bloqué",
            "Cuenta bloqueada", "Demasiados intentos", "Conta bloqueada", "Troppi tentativi", "Te veel pogingen",
            "Konto zostało zablokowane", "Аккаунт заблокирован", "アカウントがロックされました", "账户已锁定",
        )
    ),
]  # fmt: skip
FIELDS = [
    ZooPage(id="the page cuts what is typed", login=login(
        f"{USER}<input type=password name=password oninput='this.value=this.value.slice(0,4)'>"),
        outcome="does not keep the text that is typed", attempts=0),
    ZooPage(id="the page empties the form", login=login(
        f"{USER}<input type=password name=password oninput='setTimeout(()=>{{this.value=\"\"}},400)'>")
        .replace("<button>", "<button disabled>"), outcome="it is not typed a second time", attempts=0),
    ZooPage(id="the name is written in small letters",
            login=login(f"<input name=username oninput='this.value=this.value.toLowerCase()'>{PASSWORD}")),
]  # fmt: skip
VALIDATED = [
    ZooPage(id="the user name's field takes an email address", login=login(
        f"<label>Email <input type=email name=username></label>{PASSWORD}"),
        outcome='the email input "Email" name=username expects an email address', attempts=0),
    ZooPage(id="two pages, and the first one takes an email address",
            login="<form method=post action=/start><label>Email <input type=email name=username></label>"
            "<button>Next</button></form>", outcome="expects an email address", attempts=0),
    ZooPage(id="a form that is sent as it is", login=login(f"<input type=email name=username>{PASSWORD}")
            .replace("<form", "<form novalidate")),
    ZooPage(id="a field that nobody can fill in", login=login(f"{USER}{PASSWORD}<label>Branch <input name=b required>"
            "</label>"), outcome='the text input "Branch" name=b is required', attempts=0),
    ZooPage(id="a pattern", login=login(f"<input name=username pattern=\\d+ title='Digits only'>{PASSWORD}"),
            outcome='does not accept text of this form ("Digits only")', attempts=0),
    ZooPage(id="a box to agree in the login form", login=login(
        f"{USER}{PASSWORD}<label><input type=checkbox name=stay>Remember me</label>"
        "<label><input type=checkbox name=terms required>Terms of use</label>")),
]  # fmt: skip
CONSENTS = [
    ZooPage(id="a box that is required", consent=consent(
        "<label><input type=checkbox name=agreed value=yes required>Terms</label>"
        "<label><input type=checkbox name=mail>Send me the newsletter</label>" + ALLOW)),
    ZooPage(id="a box alone",
            consent=consent("<label><input type=checkbox name=agreed value=yes>Profile</label>" + ALLOW)),
    ZooPage(id="one refuses, so the other grants",
            consent=consent(DENY + "<button name=decision value=allow>Ymlaen</button>")),
    ZooPage(id="an offer of a passkey", after="<h1>Create a passkey</h1><form method=post action=/passkey>"
            "<button>Create a passkey</button>"
            "<button type=button onclick=\"location='/authorize'\">Not now</button></form>"),
    ZooPage(id="an offer of a telephone number", after="<h1>Add a phone number</h1><form method=post action=/phone>"
            "<input type=tel name=tel><button>Continue</button></form><a href=/authorize>Skip</a>"),
    ZooPage(id="stay signed in", after="<h1>Stay signed in?</h1><form method=post action=/kept>"
            "<button name=kept value=no>No</button><button name=kept value=yes>Yes</button></form>"),
    ZooPage(id="who do you want to be", login="<h1>Mock server</h1><form method=post action=/who>"
            "<input name=subject placeholder='Enter any user/subject' required><button>Sign-in</button></form>",
            attempts=0),
]  # fmt: skip

# Refusals that hold a word that grants, each beside the word itself.
_TURNED = {
    "en": ("I do not consent", "I consent"), "de": ("Nicht einverstanden", "Einverstanden"),
    "fr": ("Continuer sans accepter", "Accepter"), "it": ("Continua senza accettare", "Continua"),
    "nl": ("Niet goedkeuren", "Goedkeuren"), "sv": ("Acceptera inte", "Acceptera"),
    "da": ("Godkend ikke", "Godkend"), "nb": ("Godta ikke", "Godta"), "fi": ("En hyväksy", "Hyväksy"),
    "pl": ("Nie zezwalaj", "Zezwól"), "cs": ("Neschválit", "Schválit"), "ja": ("許可しません", "許可する"),
    "zh": ("不批准", "批准"), "ko": ("승인하지 않음", "승인"), "ar": ("غير موافق", "موافق"),
}  # fmt: skip
LANGUAGES = [
    *(
        ZooPage(id=f"{language}: {refusing}", consent=consent(
            f"<button name=decision value=deny>{refusing}</button>"
            f"<button name=decision value=allow>{granting}</button>"))
        for language, (refusing, granting) in _TURNED.items()
    ),
    ZooPage(id="a word that refuses in another language than the page's", login="<html lang=pt-BR>" + login(
        go="Entrar no sistema").replace("<button>", "<button type=button>Mostrar senha</button><button>")),
    ZooPage(id="a language that is not known, and what the buttons send", consent=consent(
        "<button name=decision value=deny>Elutasítom</button><button name=decision value=allow>Rendben</button>")),
    ZooPage(id="a page in a language that is not known", consent="<html lang=hu>" + consent(
        "<button name=n value=1>Elutasítom</button><button name=n value=2>Rendben</button>"),
        outcome="nothing on the page grants: its language (hu) is not known here, and a recipe says what to click"),
]  # fmt: skip

COVER = ("<div style='position:fixed;inset:0;background:#fffc'><div class=zz91>{inside}</div></div>"
         "<script>document.querySelectorAll('.zz91 [data-x]').forEach((b) => b.onclick = () => "
         "b.closest('.zz91').parentElement.remove())</script>")  # fmt: skip


def covered(inside: str) -> str:
    return COVER.format(inside=inside)


OVERLAYS = [
    ZooPage(id="an offer lies over the login", login=login() + covered("Get our app! <button data-x>×</button>")),
    ZooPage(id="an offer lies over the consent",
            consent=consent(DENY + ALLOW) + covered("<a href=/never>Get the app</a><button data-x>Not now</button>")),
    ZooPage(id="news that is to be closed, in German",
            login=login() + covered("<h2>Neu!</h2><a href=/never>Mehr erfahren</a><button data-x>Schließen</button>")),
    ZooPage(id="a notice with one button",
            consent=consent(DENY + ALLOW) + covered("Notice <button data-x>OK</button>")),
    ZooPage(id="a login in a layer of its own", login="<a href=/never>Sign in</a><nav><a href=/never>Home</a></nav>"
            + COVER.format(inside="<button type=button data-x>×</button>" + login())),
    ZooPage(id="a label that floats over its field", login=login(
        "<div style='position:relative'><input name=username id=u style='width:200px'>"
        "<label for=u style='position:absolute;left:40px;top:2px'>User name</label></div>" + PASSWORD)),
]  # fmt: skip
CHOICES = [
    ZooPage(id="choose an organisation: buttons", after="<h1>Choose an organization</h1><form method=post action=/kept>"
            "<button name=org value=1>Acme</button><button name=org value=2>Globex</button></form>"
            "<a href=/logout>Log out</a>"),
    ZooPage(id="choose an organisation: radios",
            after="<h1>Wählen Sie ein Unternehmen</h1><form method=post action=/kept>"
            "<label><input type=radio name=o value=1>Acme</label><label><input type=radio name=o value=2>Globex</label>"
            "<button>Weiter</button></form>"),
    ZooPage(id="choose an organisation: links",
            after="<h1>Sélectionnez une entreprise</h1>"
            "<ul><li><a href=/authorize>Acme</a><li><a href=/x>Globex</a></ul>"),
    ZooPage(id="new terms, with a box", after="<h1>We have updated our terms</h1><form method=post action=/kept>"
            "<label><input type=checkbox name=ok required>I have read the terms</label><button>Continue</button>"
            "<button formaction=/logout>Log out</button></form>"),
    ZooPage(id="new terms, in Spanish", after="<h1>Nuevos términos</h1><form method=post action=/kept>"
            "<button formaction=/logout>Cerrar sesión</button><button>Aceptar</button></form>"),
    ZooPage(id="whose account", login="<h1>Choose an account</h1><form method=post action=/start>"
            "<button name=who value=x>bob</button><button formaction=/start>Use another account</button></form>"
            "<form action=/start><button>Log in</button></form>"),
]  # fmt: skip

ZOO: tuple[ZooPage, ...] = (
    *(page for language in _LANGUAGES for page in _in(language)),
    *FORMS,
    *CAPTCHAS,
    *REJECTIONS,
    *FIELDS,
    *VALIDATED,
    *CONSENTS,
    *LANGUAGES,
    *OVERLAYS,
    *CHOICES,
)
