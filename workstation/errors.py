"""Errors a user can be told about, apart from bugs.

A :class:`WorkstationError` carries one sentence that names the file, what is wrong and what still works.
Anything else that is raised is a bug: it goes to the log with its traceback.
"""


class WorkstationError(Exception):
    """A known failure; ``str(error)`` is a sentence for the user."""

    code = "failed"


class NotDicom(WorkstationError):
    """The content is not DICOM (PS3.10 section 7.1)."""

    code = "not_dicom"


class UnreadableFile(WorkstationError):
    """The operating system refused the file."""

    code = "unreadable"


class CorruptFile(WorkstationError):
    """DICOM by its content, but no data set could be read."""

    code = "corrupt"


class TooLarge(WorkstationError):
    """Reading would exceed the byte budget."""

    code = "too_large"


class PasswordNeeded(WorkstationError):
    """An archive member is encrypted and no or a wrong password was given."""

    code = "password"


class UnreadablePixels(WorkstationError):
    """The data set is readable, its pixel data is not."""

    code = "undecodable"


class UnsupportedTransferSyntax(UnreadablePixels):
    """No decoder for this transfer syntax is present."""

    code = "unsupported_transfer_syntax"


class NotAVolume(WorkstationError):
    """A stack cannot be reformatted; the sentence says why."""

    code = "not_a_volume"


class BadUsage(WorkstationError):
    """A command was asked for something that does not exist."""

    code = "usage"
