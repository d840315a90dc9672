"""Files in a folder, wherever it is: on this machine, or in a store that pyarrow reaches (`s3://`, `gs://`, `hdfs://` …)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyarrow import fs

_PIECE = 4 * 1024**2


class DamagedFile(RuntimeError):
    """A file is not what was written; the message names it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder; names are relative to it. Bytes are as they are: pyarrow would unpack files by their names."""

    files: Any
    root: str

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def sizes(self, folder: str) -> dict[str, int]:
        """Every file below the folder by name, with its bytes."""
        selector = fs.FileSelector(self.path(folder), allow_not_found=True, recursive=True)
        found = self.files.get_file_info(selector)
        return {one.path.removeprefix(f"{self.root}/"): one.size for one in found if one.is_file}

    def sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        with self.files.open_input_stream(self.path(name), compression=None) as stream:
            for piece in _pieces(stream):
                digest.update(piece)
        return digest.hexdigest()

    def read(self, name: str) -> bytes:
        with self.files.open_input_stream(self.path(name), compression=None) as stream:
            return bytes(stream.read())

    def write(self, name: str, content: bytes) -> None:
        self._make_folder(name)
        with self.files.open_output_stream(self.path(f"{name}.part"), compression=None) as stream:
            stream.write(content)
        self.files.move(self.path(f"{name}.part"), self.path(name))

    def remove(self, name: str) -> None:
        self.files.delete_file(self.path(name))

    def take(self, source: "Place", source_name: str, name: str) -> str:
        """Copies a file in here under a name that it has only when it is whole, reads it back, and answers its SHA-256.

        Raises DamagedFile where what was read back is not what was read first.
        """
        digest = hashlib.sha256()
        self._make_folder(name)
        with (
            source.files.open_input_stream(source.path(source_name), compression=None) as stream,
            self.files.open_output_stream(self.path(f"{name}.part"), compression=None) as copy,
        ):
            for piece in _pieces(stream):
                digest.update(piece)
                copy.write(piece)
        if self.sha256(f"{name}.part") != digest.hexdigest():
            raise DamagedFile(f"{self.path(name)} does not read back as it was written: look at the disk of the copy.")
        self.files.move(self.path(f"{name}.part"), self.path(name))
        return digest.hexdigest()

    def _make_folder(self, name: str) -> None:
        folder, _, _ = self.path(name).rpartition("/")
        self.files.create_dir(folder, recursive=True)


def place_of(uri: str) -> Place:
    """The folder of an absolute path or URI, in the forms that Spark and Iceberg use. Raises ValueError for others."""
    plain = uri.removeprefix("file://").removeprefix("file:") if uri.startswith("file:") else uri
    for scheme in ("s3a://", "s3n://"):
        if plain.startswith(scheme):
            plain = f"s3://{plain.removeprefix(scheme)}"
    try:
        files, root = fs.FileSystem.from_uri(plain)
    except ValueError as error:
        raise ValueError(f"{uri!r} is no absolute path and no address such as s3://bucket/folder: {error}") from error
    return Place(files, root.rstrip("/"))


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
