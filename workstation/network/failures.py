"""What goes wrong between two applications, each with the step it happened in and what to change."""

from __future__ import annotations

from enum import Enum

from workstation.errors import WorkstationError


class Step(Enum):
    """The steps of a conversation, in their order; the first that fails explains all after it (G1, G22)."""

    ADDRESS = "address"
    CONNECT = "connect"
    TLS = "tls"
    HTTP = "http"
    SIGN_IN = "sign_in"
    ASSOCIATION = "association"
    TITLE = "title"
    CONTEXT = "context"
    SERVICE = "service"
    TRANSFER = "transfer"


class NetworkFailure(WorkstationError):
    """A conversation failed: ``str()`` says what happened, ``remedy`` what to change.

    ``cause`` is a word for programs, stable across versions (``refused``, ``timeout``, ``called_title``…).
    """

    code = "network"

    def __init__(self, sentence: str, *, step: Step, cause: str, remedy: str = "") -> None:
        super().__init__(f"{sentence} {remedy}".strip())
        self.sentence = sentence
        self.step = step
        self.cause = cause
        self.remedy = remedy


class UserNeeded(NetworkFailure):
    """Only the user can give what is missing; ``what`` is password, token or sign_in."""

    def __init__(self, sentence: str, what: str) -> None:
        super().__init__(sentence, step=Step.SIGN_IN, cause="user_needed")
        self.what = what


class Cancelled(NetworkFailure):
    """The user ended it; what had arrived is kept."""

    code = "cancelled"

    def __init__(self, sentence: str = "Stopped.") -> None:
        super().__init__(sentence, step=Step.TRANSFER, cause="cancelled")
