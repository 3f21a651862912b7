"""What the words of pages weigh: granting, refusing, signing in, in the language of the page."""

from __future__ import annotations

import pytest

from pytest_endpoint_docs.oauth.browser.choice_vocabulary import ACCEPT, ALLOW
from pytest_endpoint_docs.oauth.browser.negation_vocabulary import NOT_ALLOW
from pytest_endpoint_docs.oauth.browser.observation import Control
from pytest_endpoint_docs.oauth.browser.page_words import denying, granting, knows, signing_in

REFUSING = """
I do not consent|Don't grant access|I don't agree|Continue without accepting|Do not authorize
Nicht einverstanden|Ich stimme nicht zu|Ohne Zustimmung fortfahren|Nicht genehmigen|Keine Zustimmung
Je refuse|Je n'accepte pas|Continuer sans accepter|Ne pas approuver
No estoy de acuerdo|No consiento|No conceder|Continuar sin aceptar
Sem aceitar|Não aprovar|Não concordo|Não consinto
Non approvo|Non consento|Continua senza accettare
Niet goedkeuren|Niet machtigen|Doorgaan zonder accepteren|Ik ga niet akkoord
Samtycker inte|Jag godkänner inte|Acceptera inte|Accepterer ikke|Godkend ikke|Godta ikke|Jeg godtar ikke
En hyväksy|En salli|En suostu|Nie zgadzam się|Nie wyrażam zgody|Nie akceptuję|Nie pozwalaj
Nesouhlasím|Neschválit|Neautorizovat|İzin verme|Onaylama|Kabul etmiyorum
Не разрешать|Не предоставлять|Не согласен|Не одобрять|Не надавати|Не погоджуюся
Δεν αποδέχομαι|Να μην επιτρέπεται|غير موافق|لا أقبل|عدم الموافقة|عدم السماح|يلغي
同意しません|許可しません|承認しません|同意せずに続行|不允许|不批准|不授權|不接受
동의하지 않음|동의하지 않습니다|승인하지 않음|허용하지 않음|수락 안 함
"""
GRANTING = """
Allow|I agree|Yes, I consent|Zulassen|Ich stimme zu|Einverstanden|Zulassen und nicht mehr fragen|Autoriser|J'accepte
Permitir|Acepto|Aceito|Accetto|Toestaan|Akkoord|Tillåt|Jag samtycker|Godkend|Godta|Hyväksy|Zezwól|Zgadzam się
Povolit|Souhlasím|İzin ver|Kabul ediyorum|Onayla|Разрешить|Согласен|Дозволити|Αποδέχομαι|السماح|أوافق|同意する
許可する|允许|我同意|동의합니다|허용
"""


def phrases(text: str) -> list[str]:
    return [phrase for line in text.split("\n") for phrase in line.split("|") if phrase]


def button(text: str, language: str = "") -> Control:
    return Control(kind="button", text=text, submits=True, form_posts=True, form=0, language=language)


@pytest.mark.parametrize("text", phrases(REFUSING))
def test_a_refusal_that_holds_a_granting_word_refuses(text: str) -> None:
    assert granting(button(text)) <= 0
    assert denying(button(text)) >= 9


@pytest.mark.parametrize("text", phrases(GRANTING))
def test_what_grants(text: str) -> None:
    assert granting(button(text)) >= 9
    assert denying(button(text)) <= 0


@pytest.mark.parametrize(
    ("refuse", "cancel"),
    [
        *(("Zabroń", "Anuluj"), ("Odmawiam", "Anuluj"), ("Kieltäydy", "Peruuta"), ("Evää", "Peruuta")),
        *(("Zakázat", "Zrušit"), ("Untersagen", "Abbrechen"), ("Décliner", "Annuler"), ("Rechazo", "Cancelar")),
        *(("Avböj", "Avbryt"), ("Afslå", "Annuller"), ("Avslå", "Avbryt"), ("Weiger", "Annuleren")),
    ],
)
def test_to_refuse_weighs_more_than_to_cancel(refuse: str, cancel: str) -> None:
    assert denying(button(refuse)) > denying(button(cancel)) > 0


def test_every_language_turns_its_granting_words() -> None:
    assert set(NOT_ALLOW) == set(ALLOW) == set(ACCEPT)


def test_the_language_of_the_page_decides_what_a_word_means() -> None:
    text = "Entrar no sistema"
    assert signing_in(button(text)) < 0
    assert signing_in(button(text, "pt")) > 0
    assert signing_in(button("Log in", "pt")) == signing_in(button("Log in"))
    assert denying(button("No", "es")) > 0


def test_a_page_that_names_another_language_than_its_words_is_understood() -> None:
    assert granting(button("Zulassen", "en")) == granting(button("Zulassen"))
    assert (knows("pt"), knows("hu"), knows("")) == (True, False, False)


@pytest.mark.parametrize("text", phrases("Connect with us|Connect with Google"))
def test_to_connect_with_somebody_grants_nothing(text: str) -> None:
    assert granting(Control(kind="link", text=text)) < 1


@pytest.mark.parametrize("text", phrases("Trust|Yes, trust|Trust this browser|I trust this app|Diesem Gerät vertrauen"))
def test_a_device_or_an_app_can_be_trusted(text: str) -> None:
    assert granting(button(text)) > 5


@pytest.mark.parametrize("text", phrases("Trust Center|Trust & Safety|How we earn your trust|Sicherheit & Vertrauen"))
def test_pages_about_trust_grant_nothing(text: str) -> None:
    assert granting(Control(kind="link", text=text)) < 1
