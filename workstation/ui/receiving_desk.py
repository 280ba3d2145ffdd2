"""Receiving as the window has it: switched on and off by the user, what comes goes into the library and is told.

Nothing listens before the user says so, by the command or by the preference that has it begin with the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from workstation.errors import WorkstationError
from workstation.ui.widgets import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from workstation.network.receiver_options import ReceiverOptions
    from workstation.settings import Settings
    from workstation.transfers.receiving import News, Receiving, Taken
    from workstation.ui.library_desk import LibraryDesk
    from workstation.ui.receiving_chip import ReceivingChip
    from workstation.ui.window_api import WindowApi

KEY = "receiving from "
"""Begins the keys of messages, one for each sender."""
LIST_EVERY = 1000
"""Milliseconds between two looks at the library while objects come in."""


def options_of(settings: Settings) -> ReceiverOptions:
    """Return the options the preferences make.

    Raises
    ------
    NodeError
    """
    from workstation.network.nodes import Tls
    from workstation.network.receiver_options import ReceiverOptions
    from workstation.paths import data_folder

    names = [one.strip() for one in settings["receive_from"].split(",")]
    certificate, key = settings["receive_certificate"].strip(), settings["receive_key"].strip()
    authorities = settings["receive_authorities"].strip()
    tls = Tls(authorities=authorities, certificate=certificate, key=key) if certificate or key or authorities else None
    options = ReceiverOptions(
        data_folder() / "received",
        ae_title=settings["receive_title"].strip(),
        port=settings["receive_port"],
        address=settings["receive_address"],
        allowed=frozenset(filter(None, names)),
        anyone=settings["receive_anyone"],
        tls=tls,
        largest_object=settings["receive_largest_mb"] * 1_000_000,
        total=settings["receive_total_mb"] * 1_000_000,
    )
    options.check()
    return options


class ReceivingDesk(QObject):
    """Owns the receiver of a window."""

    changed = Signal()
    """It was switched on or off."""
    _told = Signal(object)

    def __init__(self, window: WindowApi, parent: QWidget, chip: ReceivingChip) -> None:
        super().__init__(parent)
        self._window, self._chip = window, chip
        self._receiving: Receiving | None = None
        self._before: dict[str, Taken] = {}
        """What senders brought whose message is still seen: many open an association for every object."""
        self._state = "off"
        self._open = 0
        self._closed = False
        self._listing = QTimer(self, singleShot=True, interval=LIST_EVERY)
        self._listing.timeout.connect(lambda: self._library.changed.emit())
        self._told.connect(self._take)

    @property
    def on(self) -> bool:
        """Whether it listens, or is about to."""
        return self._state in ("starting", "on")

    @property
    def settled(self) -> bool:
        """Whether it is neither being switched on nor off."""
        return self._state in ("on", "off")

    @property
    def source(self) -> Receiving | None:
        """What listens, for retrievals whose objects come this way; None while nothing does."""
        return self._receiving if self._state == "on" else None

    def toggle(self) -> None:
        """Switch it on or off."""
        if self.on:
            self._switch_off()
        elif self._state == "off":
            self._switch_on()

    def close(self) -> None:
        """Stop listening and wait until what arrived is in the library."""
        self._closed = True
        self._listing.stop()
        if self._receiving is not None:
            self._receiving.stop()

    @property
    def _library(self) -> LibraryDesk:
        return self._window.library.desk

    def _switch_on(self) -> None:
        from workstation.transfers.receiving import Receiving

        settings = self._window.settings
        if not settings["receive_from"].strip() and not settings["receive_anyone"]:
            text = self.tr("Say first who may send: Preferences › Receiving.")
            self._window.messages.show_message(
                text, "warning", self.tr("Preferences"), lambda: self._preferences(), key="receiving"
            )
            return
        receiving = Receiving(options_of(settings), self._library.opened_library, self._hear)
        self._receiving = receiving
        self._show("starting")
        self._window.messages.withdraw("receiving")
        self._do(receiving.start, self._started)

    def _started(self, failure: WorkstationError | None) -> None:
        if failure is not None:
            self._receiving = None
            self._show("off")
            self._window.messages.show_message(
                str(failure), "error", self.tr("Preferences"), lambda: self._preferences(), key="receiving"
            )
            return
        self._show("on")

    def _switch_off(self) -> None:
        receiving = self._receiving
        if receiving is None or self._state == "starting":
            return
        self._show("stopping")
        self._do(receiving.stop, self._stopped)

    def _stopped(self, failure: WorkstationError | None) -> None:
        self._receiving = None
        self._open = 0
        self._show("off")
        if failure is not None:
            self._window.say("error", str(failure))

    def _do(self, work: Callable[[], object], ended: Callable[[WorkstationError | None], None]) -> None:
        """Do something slow away from the window's thread."""

        def silently() -> None:
            work()

        def answer(result: object) -> None:
            ended(result if isinstance(result, WorkstationError) else None)

        self._window.network.ask(silently, answer)

    def _preferences(self) -> None:
        self._window.dispatch("edit.preferences", group="Receiving")

    # what it tells

    def _hear(self, news: News) -> None:
        """Take news, on whatever thread."""
        if not self._closed:
            self._told.emit(news)

    def _take(self, news: News) -> None:
        from workstation.transfers.receiving import Committed, Senders, Taken, Trouble

        if self._closed:
            return
        if isinstance(news, Senders):
            self._open = news.open
            self._show(self._state)
        elif isinstance(news, Taken):
            self._tell(news)
        elif isinstance(news, Trouble):
            calling = plain(news.calling, 16)
            text = self.tr("{0}: {1}").format(calling, news.sentence) if calling else news.sentence
            # strangers may fill no list of messages
            self._window.messages.show_message(text, "warning", key="refused" if calling else "")
            if news.ended and self._state == "on":
                self._switch_off()
        elif isinstance(news, Committed):
            text = self.tr("{0} answers for {1} objects it was sent.").format(plain(news.node, 40), news.committed)
            if news.failed:
                text = self.tr("{0} answers for {1} objects it was sent, and not for {2}.").format(
                    plain(news.node, 40), news.committed, news.failed
                )
            self._window.say("warning" if news.failed else "info", text)

    def _tell(self, taken: Taken) -> None:
        messages, key = self._window.messages, KEY + taken.calling
        before = self._before.pop(taken.calling, None)
        if before is not None and any(message.key == key for message in messages.messages()):
            taken = taken.after(before)
        else:
            before = None
        if taken.over:
            self._before[taken.calling] = taken
        elif before is not None:
            self._before[taken.calling] = before
        text = self._sentence(taken)
        if taken.over:
            messages.show_message(text, "warning" if taken.unread or taken.apart or taken.waiting else "info", key=key)
            self._listing.stop()
            self._library.changed.emit()
            return
        if any(message.key == key for message in messages.messages()):
            messages.retell(key, text)
        else:
            messages.show_message(text, key=key)
        if not self._listing.isActive():
            self._listing.start()

    def _sentence(self, taken: Taken) -> str:
        number, who = taken.objects, plain(taken.calling, 16) or self.tr("an earlier run")
        if taken.images:
            text = self.tr("1 image from {1}") if number == 1 else self.tr("{0} images from {1}")
        else:
            text = self.tr("1 object from {1}") if number == 1 else self.tr("{0} objects from {1}")
        parts = [text.format(number, who)]
        if taken.there:
            parts.append(self.tr("{0} there already").format(taken.there))
        if taken.apart:
            parts.append(self.tr("{0} kept apart, as their UID is that of another object").format(taken.apart))
        if taken.waiting and taken.over:
            parts.append(self.tr("{0} wait for the library").format(taken.waiting))
        if taken.unread:
            first = plain(taken.unread[0], 200)
            parts.append(self.tr("{0} could not be read; the first: {1}").format(len(taken.unread), first))
        return " · ".join(parts)

    def _show(self, state: str) -> None:
        changed, self._state = state != self._state, state
        receiving = self._receiving
        text = explained = ""
        if receiving is not None and state != "off":
            options = receiving.options
            title = plain(options.ae_title, 16)
            text = {
                "starting": self.tr("Receiving…"),
                "stopping": self.tr("Ending…"),
                "on": self.tr("Receiving as {0}").format(title),
            }[state]
            if state == "on" and self._open:
                text = self.tr("Receiving as {0}, {1} connected").format(title, self._open)
            where = self.tr("this computer alone") if options.address == "127.0.0.1" else self.tr("the network")
            who = self.tr("anyone") if options.anyone else ", ".join(plain(one, 16) for one in sorted(options.allowed))
            explained = self.tr("{0} at port {1}, for {2}. Who may send: {3}.").format(
                title, receiving.port or options.port, where, who
            )
        self._chip.show_state(text, explained)
        if changed:
            self.changed.emit()
            self._window.update_later()
