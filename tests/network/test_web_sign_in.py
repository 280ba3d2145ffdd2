"""``workstation web login``: a sign-in by the browser serves the commands after it (P2)."""

from __future__ import annotations

import json
import webbrowser
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail

from tests.network.played_web import json_reply, played
from tests.network.test_web_oidc import Browser, Issuer, issuing, node_for
from workstation.cli.main import run
from workstation.network.nodes import Node, NodeBook, Web


class Memory(KeyringBackend):
    """A keyring that a system could have; its priority keeps it from being chosen unasked."""

    priority = -1  # type: ignore[assignment]

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Memory]:
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    with Browser() as one:
        monkeypatch.setattr(webbrowser, "open", one)
        yield one


def test_who_signs_in_once_is_known_to_later_commands(
    ring: Memory, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    with issuing(Issuer()) as issuer, played(lambda _request: json_reply([])) as pacs:
        NodeBook().put(node_for(issuer, pacs.root))
        assert run(["web", "search", "--node", "pacs", "--everything"]) == 2
        assert "sign in" in capsys.readouterr().err
        assert run(["web", "login", "--node", "pacs", "--json"]) == 0
        output = capsys.readouterr()
        assert json.loads(output.out) == {"node": "pacs", "signed_in": True}
        assert browser.address in output.err
        assert run(["web", "search", "--node", "pacs", "--everything"]) == 0
        assert [one.headers["Authorization"] for one in pacs.asked] == ["Bearer access-1"]
        assert run(["web", "logout", "--node", "pacs"]) == 0
        assert ring.kept == {}
        assert run(["web", "search", "--node", "pacs", "--everything"]) == 2
    output = capsys.readouterr()
    assert "access-1" not in output.out + output.err


def test_without_a_keyring_nobody_is_sent_to_the_browser(
    ring: Memory, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    keyring.set_keyring(fail.Keyring())
    with issuing(Issuer()) as issuer:
        NodeBook().put(node_for(issuer))
        assert run(["web", "login", "--node", "pacs"]) == 2
    assert "no keyring" in capsys.readouterr().err
    assert browser.address == ""


def test_a_node_without_openid_connect_has_nothing_to_sign_in_to(
    ring: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    NodeBook().put(Node(name="plain", web=Web("http://127.0.0.1:9/rs")))
    assert run(["web", "login", "--node", "plain"]) == 2
    assert "not signed in to by OpenID Connect" in capsys.readouterr().err
