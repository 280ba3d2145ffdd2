"""Passwords and tokens: in the keyring of the system, or in memory for as long as the program runs.

They are never written to a file of ours, shown, or logged. Where the system has no keyring, the user is asked and
what was said is forgotten at the end.
"""

from __future__ import annotations

import threading
from typing import Final

from workstation import log

SERVICE: Final = "dicom-workstation"
_log = log.get("network")


class Secrets:
    """Keeps secrets by node and kind (``password``, ``token``, ``refresh``, ``key``)."""

    def __init__(self, *, use_keyring: bool = True) -> None:
        self._use_keyring = use_keyring
        self._memory: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def lasting(self) -> bool:
        """Tell whether secrets survive the end of the program: whether the system has a keyring that works."""
        if not self._use_keyring:
            return False
        import keyring
        from keyring.backends import fail, null

        return not isinstance(keyring.get_keyring(), (fail.Keyring, null.Keyring))

    def get(self, node: str, kind: str) -> str | None:
        """Return a secret, or None where there is none."""
        name = f"{node}/{kind}"
        with self._lock:
            if name in self._memory:
                return self._memory[name]
        if not self.lasting:
            return None
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, name)
        except KeyringError:
            _log.warning("the keyring of the system refused to give a secret")
            return None

    def put(self, node: str, kind: str, secret: str) -> bool:
        """Keep a secret; False where it is kept in memory only."""
        name = f"{node}/{kind}"
        if self.lasting:
            import keyring
            from keyring.errors import KeyringError

            try:
                keyring.set_password(SERVICE, name, secret)
            except KeyringError:
                _log.warning("the keyring of the system refused to keep a secret")
            else:
                with self._lock:
                    self._memory.pop(name, None)
                return True
        with self._lock:
            self._memory[name] = secret
        return False

    def forget(self, node: str, kind: str) -> None:
        """Remove a secret wherever it is kept."""
        name = f"{node}/{kind}"
        with self._lock:
            self._memory.pop(name, None)
        if not self.lasting:
            return
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.delete_password(SERVICE, name)
        except KeyringError:
            _log.info("the keyring of the system holds no such secret")
