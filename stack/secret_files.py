"""The stack's secrets: each in a file that only its owner reads, made once, the same after every restart."""

import base64
import os
import secrets
from pathlib import Path

from stack.problems import StackProblem

_MAKERS = {
    "key_secrets": lambda: f"k1:{secrets.token_hex(32)}",
    "app_secret": lambda: secrets.token_hex(32),
    "erasure_secrets": lambda: f"e1:{secrets.token_hex(32)}",
    "airflow_fernet_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "airflow_jwt_secret": lambda: base64.b64encode(secrets.token_bytes(64)).decode(),
    "airflow_secret_key": lambda: secrets.token_hex(32),
    "airflow_password": lambda: "-".join(secrets.token_hex(2) for _ in range(3)),
    "supervisor_password": lambda: secrets.token_hex(16),
}


def path(data: Path, name: str) -> Path:
    return data / "secrets" / name


def read(data: Path, name: str, given: str = "") -> str:
    """The secret `name`; made if there is none. One that is `given` is kept instead."""
    file = path(data, name)
    if given and (not file.exists() or file.read_text() != given):
        write_private(file, given)
    if not file.exists():
        write_private(file, _MAKERS[name]())
    return file.read_text()


def write_private(file: Path, text: str) -> None:
    """Writes a file that nobody but its owner may read, whole or not at all; raises StackProblem."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = file.with_name(f".{file.name}.{os.getpid()}")
        unfinished.touch(mode=0o600)
        unfinished.write_text(text)
        unfinished.rename(file)
    except OSError as error:
        raise StackProblem(f"{file} cannot be written: {error.strerror}. FOOTFALL_DATA names its folder.") from error
