"""A second start hands its paths to the window that is open (A3)."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from workstation.ui.single_instance import SingleInstance


def test_the_first_start_finds_nobody_and_listens(qtbot: QtBot) -> None:
    assert SingleInstance().hand_over(["/data/one"]) is False


def test_a_second_start_hands_its_paths_over(qtbot: QtBot) -> None:
    first = SingleInstance()
    assert first.hand_over([]) is False
    second = SingleInstance()
    with qtbot.waitSignal(first.paths_received, timeout=3000) as received:
        assert second.hand_over(["/data/Ünïcode", "/data/two"]) is True
    assert received.args == [["/data/Ünïcode", "/data/two"]]


def test_noise_on_the_socket_is_ignored(qtbot: QtBot) -> None:
    first = SingleInstance()
    with qtbot.assertNotEmitted(first.paths_received):
        first._take(b"\xff\x00 not json")
        first._take(b'{"paths": 1}')
        first._take(b"[1, 2]")
