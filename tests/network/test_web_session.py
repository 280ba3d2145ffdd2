"""Requests to a DICOMweb service: tried again, led on, bounded, refused in words (G17, G18)."""

from __future__ import annotations

import base64
import email.utils
import gzip
import itertools
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.network.certificates import Authority, authority
from tests.network.played_web import LOOPBACK, Played, Reply, Request, json_reply, played
from workstation.network.failures import Cancelled, NetworkFailure, Step
from workstation.network.nodes import Node, NodeError, Tls, Web
from workstation.network.secrets import Secrets
from workstation.network.web.auth import Basic, Bearer
from workstation.network.web.qido import found
from workstation.network.web.responses import PIECE, Response, unpacked, warning_texts
from workstation.network.web.session import WebSession, retry_after

STUDY = {"0020000D": {"vr": "UI", "Value": ["1.2"]}}
JSON = "application/dicom+json"


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


def in_turn(*replies: Reply) -> Callable[[Request], Reply]:
    left = iter(replies)
    return lambda _request: next(left)


def asked(node: Node, **more: object) -> object:
    with WebSession(node, first_pause=0.001, **more) as web, web.get("studies", accept=JSON) as answer:  # type: ignore[arg-type]
        return answer.demand().json()


def cause(node: Node, **more: object) -> str:
    with pytest.raises(NetworkFailure) as caught:
        asked(node, **more)
    assert caught.value.sentence.endswith(".")
    return caught.value.cause


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "bad_request"),
        (401, "unauthorised"),
        (403, "forbidden"),
        (404, "not_found"),
        (406, "not_acceptable"),
        (409, "conflict"),
        (413, "too_large"),
        (418, "refused"),
        (500, "server"),
        (501, "not_supported"),
        (507, "no_room"),
    ],
)
def test_each_refusal_has_its_words(status: int, word: str) -> None:
    with played(lambda _request: Reply(status)) as server:
        assert cause(server.node()) == word
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"Content-Type": "text/html"}, b"<html>welcome</html>"),
        Reply(200, {"Content-Type": "application/dicom+xml"}, b"<a/>"),
        json_reply({"error": "no"}),
        json_reply(["no", "rows"]),
        Reply(200, {"Content-Type": JSON}, b'[{"00080005": '),
        Reply(200, {"Content-Type": JSON}, b"[" * 100_000),
        Reply(404, {"Content-Type": "text/html"}, b"<html>not here</html>"),
    ],
    ids=["page", "xml", "object", "words", "half", "deep", "page not found"],
)
def test_what_is_not_dicomweb_is_told_so(reply: Reply) -> None:
    with played(lambda _request: reply) as server, WebSession(server.node()) as web:
        with pytest.raises(NetworkFailure) as caught:
            list(found(web, "studies"))
        assert caught.value.cause == "not_dicomweb"


def test_what_is_not_even_http_is_told_so() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"\x03\x00\x00\x00\x00\x04\x00\x01\x01\x01")

        thread = threading.Thread(target=serve)
        thread.start()
        root = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        assert cause(Node(name="dicom", web=Web(root), answer_timeout=2)) == "not_http"
        thread.join()


def test_a_closed_port_is_told_at_once() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    assert cause(Node(name="gone", web=Web(f"http://{LOOPBACK}:{port}/"))) == "refused"


def test_a_server_that_says_nothing_is_told() -> None:
    """G19."""
    with socket.create_server((LOOPBACK, 0)) as silent:
        node = Node(name="silent", web=Web(f"http://{LOOPBACK}:{silent.getsockname()[1]}"), answer_timeout=0.2)
        assert cause(node) == "timeout"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_who_has_no_time_is_asked_again_when_it_said(status: int) -> None:
    replies = in_turn(Reply(status, {"Retry-After": "0"}), Reply(status), json_reply([STUDY]))
    with played(replies) as server:
        assert asked(server.node()) == [STUDY]
        assert len(server.asked) == 3


def test_who_wants_to_be_left_alone_for_long_is_not_waited_for() -> None:
    with played(lambda _request: Reply(429, {"Retry-After": "3600"})) as server:
        with pytest.raises(NetworkFailure, match="It asks to wait 3600 s"):
            asked(server.node())
        assert len(server.asked) == 1


def test_tries_are_bounded() -> None:
    with played(lambda _request: Reply(503)) as server:
        assert cause(server.node()) == "busy"
        assert len(server.asked) == 4


def test_a_wait_ends_when_it_is_stopped() -> None:
    stop = threading.Event()

    def answer(_request: Request) -> Reply:
        stop.set()
        return Reply(503, {"Retry-After": "50"})

    with played(answer) as server, pytest.raises(Cancelled):
        asked(server.node(), stop=stop)


def test_an_answer_that_does_not_come_ends_when_it_is_stopped() -> None:
    stop, go = threading.Event(), threading.Event()

    def answer(_request: Request) -> Reply:
        stop.set()
        go.wait(10)
        return json_reply([])

    with played(answer) as server:
        # only one that does not heed the stop would get the answer
        with pytest.raises(Cancelled):
            asked(replace(server.node(), answer_timeout=60), stop=stop)
        go.set()


def test_a_connection_that_is_dropped_is_tried_again() -> None:
    with played(in_turn(Reply(hang_up=True), json_reply([STUDY]))) as server:
        assert asked(server.node()) == [STUDY]


def test_a_date_says_when_to_come_again() -> None:
    assert retry_after(email.utils.formatdate(time.time() + 30, usegmt=True)) == pytest.approx(30, abs=5)
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert retry_after("soon") is None


def test_redirects_at_home_are_followed_with_credentials() -> None:
    replies = in_turn(Reply(307, {"Location": "/elsewhere/studies"}), json_reply([STUDY]))
    with played(replies) as server:
        assert asked(server.node(), authority=Bearer("word")) == [STUDY]
        assert [(one.path, one.headers["Authorization"]) for one in server.asked] == [
            ("/dicom-web/studies", "Bearer word"),
            ("/elsewhere/studies", "Bearer word"),
        ]


def test_credentials_never_follow_to_another_origin() -> None:
    """G18: neither tokens nor headers of ours; another port is another origin."""
    with played(lambda _request: json_reply([STUDY])) as other:
        leading = Reply(302, {"Location": f"{other.root}/studies", "Set-Cookie": "session=secret"})
        with played(lambda _request: leading) as home:
            node = home.node(headers=(("X-Api-Key", "key"),))
            assert asked(node, authority=Basic("ada", "pass")) == [STUDY]
        assert home.asked[0].headers["X-Api-Key"] == "key"
        there = {name.lower() for name in other.asked[0].headers}
        assert there.isdisjoint({"authorization", "x-api-key", "cookie"})


def test_a_circle_of_redirects_ends() -> None:
    with played(lambda _request: Reply(302, {"Location": "/dicom-web/studies"})) as server:
        assert cause(server.node()) == "redirect"
        assert len(server.asked) == 6


@pytest.mark.parametrize("place", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http:///nowhere"])
def test_redirects_to_what_is_not_the_web_are_not_followed(place: str) -> None:
    with played(lambda _request: Reply(302, {"Location": place})) as server:
        assert cause(server.node()) == "redirect"


def test_objects_are_not_sent_where_the_server_points_to() -> None:
    with played(lambda _request: Reply(200)) as other:
        with played(lambda _request: Reply(307, {"Location": f"{other.root}/studies"})) as home:
            with WebSession(home.node()) as web, pytest.raises(NetworkFailure) as caught:
                web.post("studies", lambda: b"object", {})
            assert caught.value.cause == "redirect"
        assert other.asked == []


def test_a_secure_service_does_not_lead_to_one_that_is_not(trusted: Authority, tmp_path: Path) -> None:
    """G17: no silent fall-back to plain."""
    with (
        played(lambda _request: json_reply([STUDY])) as plain,
        played(lambda _request: Reply(302, {"Location": f"{plain.root}/x"}), trusted.issue(tmp_path, "s")) as secure,
    ):
        node = replace(secure.node(), tls=Tls(authorities=str(trusted.pem)))
        assert cause(node) == "insecure_redirect"
        assert plain.asked == []


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A35."""
    monkeypatch.setattr(Response.json, "__defaults__", (1 << 20,))
    endless = itertools.chain([b"["], itertools.repeat(b" " * 65536))
    with played(lambda _request: Reply(200, {"Content-Type": JSON}, endless)) as server:
        assert cause(server.node()) == "endless"


def test_a_small_answer_that_unpacks_to_a_huge_one_is_bounded() -> None:
    """A35."""
    bomb = gzip.compress(b" " * (80 << 20), 9)
    packed = Reply(200, {"Content-Type": JSON, "Content-Encoding": "gzip"}, bomb)
    with played(lambda _request: packed) as server:
        assert cause(server.node()) == "endless"


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "deflate"])
def test_packings_that_were_not_asked_for_are_not_unfolded(packing: str) -> None:
    """A35: packed twice, a million times as much comes out."""
    body = gzip.compress(gzip.compress(b"[]"))
    with played(lambda _request: Reply(200, {"Content-Type": JSON, "Content-Encoding": packing}, body)) as server:
        assert cause(server.node()) == "not_dicomweb"


@pytest.mark.parametrize("cut", [-1, -4, 3])
def test_a_packed_answer_that_is_cut_is_told(cut: int) -> None:
    body = gzip.compress(b'[{"0020000D": {}}]')[:cut]
    with played(lambda _request: Reply(200, {"Content-Type": JSON, "Content-Encoding": "gzip"}, body)) as server:
        assert cause(server.node()) == "broken"


def test_packed_answers_come_out_whole_in_bounded_pieces() -> None:
    content = bytes(range(256)) * 8192
    packed = gzip.compress(content[:1_000_000]) + gzip.compress(content[1_000_000:])
    pieces = list(unpacked(iter([packed[:7], b"", packed[7:]])))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= PIECE


def test_a_header_that_http_cannot_carry_is_told_and_nothing_sent() -> None:
    with played(lambda _request: json_reply([])) as server:
        for value in ("word\r\nX-Evil: 1", "Müller €"):
            assert cause(server.node(headers=(("X-Api-Key", value),))) == "bad_request"
        assert server.asked == []


def test_the_address_of_a_search_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Keys of a search are patient data."""
    caplog.set_level(1)
    with played(lambda _request: json_reply([])) as server, WebSession(server.node()) as web:
        web.get("studies?PatientName=Doe", accept=JSON).close()
    assert "Doe" not in caplog.text


def test_loading_the_client_opens_no_socket() -> None:
    code = (
        "import sys; seen = []; sys.addaudithook(lambda event, _: seen.append(event))\n"
        "import workstation.network.web.session, workstation.network.web.oidc\n"
        "import authlib.integrations.httpx_client, joserfc.jwt\n"
        "assert not [event for event in seen if event.startswith('socket.')], seen\n"
        "assert not {'requests', 'urllib3'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_answer_that_is_shorter_than_announced_is_told() -> None:
    short = Reply(200, {"Content-Type": JSON}, b"[]", length=100)
    with played(lambda _request: short) as server:
        assert cause(server.node()) == "broken"


def test_the_environment_takes_no_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxies, certificates and passwords come from the node alone."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    for name, value in (
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
        ("REQUESTS_CA_BUNDLE", "/nowhere"),
        ("NETRC", str(tmp_path / ".netrc")),
    ):
        monkeypatch.setenv(name, value)
    with played(lambda _request: json_reply([STUDY])) as server:
        assert asked(server.node()) == [STUDY]
        assert "Authorization" not in server.asked[0].headers


def test_a_password_is_sent_as_utf8() -> None:
    """RFC 7617 2.1."""
    secrets = Secrets(use_keyring=False)
    secrets.put("played", "password", "pâss:word")
    with played(lambda _request: json_reply([])) as server:
        asked(server.node(authentication="basic", user="ada"), secrets=secrets)
        scheme, _blank, pair = server.asked[0].headers["Authorization"].partition(" ")
        assert (scheme, base64.b64decode(pair).decode()) == ("Basic", "ada:pâss:word")


@pytest.mark.parametrize("kind", ["basic", "bearer"])
def test_a_secret_that_is_missing_is_asked_for_before_anything_is_sent(kind: str) -> None:
    with played(lambda _request: json_reply([])) as server:
        assert cause(server.node(authentication=kind)) == "secret_missing"
        assert server.asked == []


def test_a_token_with_a_line_break_is_refused() -> None:
    secrets = Secrets(use_keyring=False)
    secrets.put("played", "token", "word\r\nX-Evil: 1")
    with played(lambda _request: json_reply([])) as server:
        assert cause(server.node(authentication="bearer"), secrets=secrets) == "secret_unusable"


@pytest.mark.parametrize(
    "root", ["http://[", "http://h:99999/", "http://h:x/", "ftp://h/", "https:///rs", "http://a:b@h/"]
)
def test_a_root_that_is_no_address_is_refused(root: str) -> None:
    with pytest.raises(NodeError):
        WebSession(Node(name="typed", web=Web(root)))


def test_a_node_without_a_service_is_refused() -> None:
    with pytest.raises(NodeError):
        WebSession(Node(name="dimse", ae_title="A", host="h"))


@pytest.fixture
def secure(trusted: Authority, tmp_path: Path) -> Iterator[Played]:
    with played(lambda _request: json_reply([STUDY]), trusted.issue(tmp_path, "server")) as server:
        yield server


def test_a_secure_service_is_talked_to(secure: Played, trusted: Authority) -> None:
    """G17."""
    assert asked(replace(secure.node(), tls=Tls(authorities=str(trusted.pem)))) == [STUDY]
    assert secure.asked[0].headers["Host"] == f"{LOOPBACK}:{secure.port}"


def test_faults_of_certificates_have_the_same_words_as_elsewhere(
    secure: Played, trusted: Authority, tmp_path: Path
) -> None:
    """G17: without TLS settings the authorities of the system count."""
    other = authority(tmp_path, "other")
    assert cause(secure.node()) == "unknown_authority"
    assert cause(replace(secure.node(), tls=Tls(authorities=str(other.pem)))) == "unknown_authority"
    with pytest.raises(NetworkFailure) as caught:
        asked(replace(secure.node(), tls=Tls(pinned="00" * 32)))
    assert (caught.value.step, caught.value.cause) == (Step.TLS, "pinned")
    assert secure.asked == []


@pytest.mark.parametrize(
    ("fault", "word"),
    [({"start": -20, "end": -10}, "expired"), ({"start": 10}, "not_yet_valid"), ({"host": "other"}, "wrong_name")],
    ids=["expired", "early", "name"],
)
def test_each_fault_of_a_certificate_is_told(
    trusted: Authority, tmp_path: Path, fault: dict[str, int], word: str
) -> None:
    theirs = trusted.issue(tmp_path, "server", **fault)  # type: ignore[arg-type]
    with played(lambda _request: json_reply([]), theirs) as server:
        assert cause(replace(server.node(), tls=Tls(authorities=str(trusted.pem)))) == word


def test_a_plain_port_called_by_https_is_told() -> None:
    with played(lambda _request: json_reply([])) as server:
        web = Web(server.root.replace("http:", "https:"))
        with pytest.raises(NetworkFailure) as caught:
            asked(replace(server.node(), web=web, connect_timeout=2))
        assert caught.value.step is Step.TLS


def test_warnings_are_read_without_their_codes() -> None:
    """G18."""
    header = '299 here: "There are \\"more\\"", 299 - "Fuzzy is off" "Wed, 21 Oct 2015 07:28:00 GMT"'
    assert warning_texts(header) == ['There are "more"', "Fuzzy is off"]
    assert warning_texts("299 server without quotes") == ["without quotes"]
    assert warning_texts("") == []
