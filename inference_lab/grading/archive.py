"""What lies in a submission: files of folders, zips and tars, however deep, none unpacked to disk.

It runs in the reader's process alone, whose limits bound what a file made to harm can cost.
"""

from __future__ import annotations

import io
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import IO, BinaryIO

LARGEST_FILE_BYTES = 10_000_000  # of a notebook
LARGEST_ARCHIVE_BYTES = 50_000_000
MOST_BYTES = 100_000_000  # read of one submission, archives in archives counted again
MOST_ENTRIES = 100_000
DEEPEST = 4  # archives in archives
ARCHIVE = re.compile(r"\.(zip|tar|tgz|tar\.(gz|bz2|xz))( ?\(\d+\))?$", re.IGNORECASE)
# Written by machines: settings, caches, the copies that `inference-lab update` makes.
ASIDE = re.compile(r"\..*|__MACOSX|__pycache__|backup|site-packages|node_modules|venv|env")


class Refused(ValueError):
    """The submission cannot be read safely; the message says why."""


@dataclass(frozen=True)
class File:
    """One file of a submission.

    Parameters
    ----------
    path : PurePosixPath
        Where it lies, through folders and archives.
    read : callable
        ``read(limit) -> bytes``: at most ``limit + 1`` bytes of it.
    """

    path: PurePosixPath
    read: Callable[[int], bytes]


class Archive:
    """A submission's files in one pass; counts what it reads.

    Raises
    ------
    Refused
        If it holds a link, a device, a name that leads outside, or more than it may.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.bytes = 0

    def files(self, path: str) -> Iterator[File]:
        """All files of a folder, an archive, or the one file that `path` names."""
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise Refused("a link")
        name = PurePosixPath(os.path.basename(path))
        if stat.S_ISDIR(mode):
            yield from self._folder(path, PurePosixPath())
        elif ARCHIVE.search(name.name):
            yield from self._opened(_ordinary(path), PurePosixPath(), 1)
        else:
            yield File(name, partial(self._counted, partial(_ordinary, path)))

    def _folder(self, folder: str, inside: PurePosixPath) -> Iterator[File]:
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            self._count_entry()
            path = inside / entry.name
            if ASIDE.fullmatch(entry.name):
                continue
            if entry.is_symlink():
                raise Refused(f"holds a link: {path}")
            if entry.is_dir(follow_symlinks=False):
                yield from self._folder(entry.path, path)
            else:
                read = _reader(self, entry.path)
                yield from self._file_or_archive(File(path, read), 1)

    def _file_or_archive(self, file: File, depth: int) -> Iterator[File]:
        if not ARCHIVE.search(file.path.name):
            yield file
            return
        if depth > DEEPEST:
            raise Refused(f"archives in archives, more than {DEEPEST} deep")
        data = file.read(LARGEST_ARCHIVE_BYTES)
        if len(data) > LARGEST_ARCHIVE_BYTES:
            raise Refused(f"an archive of more than {LARGEST_ARCHIVE_BYTES:,} bytes: {file.path}")
        yield from self._opened(io.BytesIO(data), file.path, depth)

    def _opened(self, data: BinaryIO, inside: PurePosixPath, depth: int) -> Iterator[File]:
        if data.seek(0, os.SEEK_END) > LARGEST_ARCHIVE_BYTES:
            raise Refused(f"an archive of more than {LARGEST_ARCHIVE_BYTES:,} bytes")
        data.seek(0)
        is_zip = zipfile.is_zipfile(data)
        data.seek(0)
        for file in self._zip(data) if is_zip else self._tar(data):
            placed = File(inside / file.path, file.read)
            if not any(ASIDE.fullmatch(part) for part in file.path.parts):
                yield from self._file_or_archive(placed, depth + 1)

    def _zip(self, data: BinaryIO) -> Iterator[File]:
        with zipfile.ZipFile(data) as archive:
            for entry in archive.infolist():
                self._count_entry()
                path = _inside(entry.filename)
                if stat.S_ISLNK(entry.external_attr >> 16) and not _is_aside(path):
                    raise Refused(f"holds a link: {path}")
                if not entry.is_dir():
                    yield File(path, partial(self._counted, partial(archive.open, entry)))

    def _tar(self, data: BinaryIO) -> Iterator[File]:
        try:
            archive = tarfile.open(fileobj=data, mode="r:*")  # noqa: SIM115 - closed below
        except tarfile.ReadError:
            raise Refused("an archive that is damaged or of another kind than its name") from None
        with archive:
            for entry in archive:
                self._count_entry()
                path = _inside(entry.name)
                if (entry.issym() or entry.islnk()) and not _is_aside(path):
                    raise Refused(f"holds a link: {path}")
                if entry.isfile():
                    yield File(path, partial(self._counted, partial(_opened, archive, entry)))

    def _count_entry(self) -> None:
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise Refused(f"more than {MOST_ENTRIES:,} files")

    def _counted(self, opened: Callable[[], IO[bytes]], limit: int) -> bytes:
        with opened() as file:
            data = file.read(limit + 1)
        self.bytes += len(data)
        if self.bytes > MOST_BYTES:
            raise Refused(f"unpacks to more than {MOST_BYTES:,} bytes, far more than notebooks do")
        return data


def _reader(archive: Archive, path: str) -> Callable[[int], bytes]:
    return partial(archive._counted, partial(_ordinary, path))


def _opened(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(entry)
    if file is None:
        raise Refused(f"holds an entry that is no file: {entry.name}")
    return file


def _ordinary(path: str) -> BinaryIO:
    """An opened file that is no link, pipe or device: none of them can make a reader wait."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused(f"{os.path.basename(path)} is no ordinary file")
    return open(descriptor, "rb")


def _inside(name: str) -> PurePosixPath:
    """The path of an archive's entry, which may have been written on Windows."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name[:2]:
        raise Refused(f"a name that leads outside: {name[:100]!r}")
    return path


def _is_aside(path: PurePosixPath) -> bool:
    return any(ASIDE.fullmatch(part) for part in path.parts)
