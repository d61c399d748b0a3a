"""Files that are written: all of a content or nothing of it, and never over a file that the same command read.

A content is there as a whole before a file is opened, or grows in a file beside the target. From there it replaces the
target in one step: an error, a full disk, an interrupt or the end of the process leaves the old file as it was.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from adcli.errors import AdError, Problem
from adcli.syntax.source import was_read

STANDARD_OUTPUT = "-"
_WRITABLE = 0o222  # by anybody
_ALL_MAY = 0o666  # what a new file starts with; the umask of the process takes from it
_AT_ONCE = 2**20  # bytes
_FEW = 100  # names that are tried for the file beside


def write_over(path: str, content: str | bytes, option: str = "") -> None:
    """Put a content in the place of a file, or make a new one.

    The target keeps its owner, its mode and its hard links, and a symbolic link leads to it as before. Raises what
    `require_writable` raises.
    """
    data = _encoded(content)
    require_writable(path, option)
    with _told(path):
        target = os.path.realpath(path)
        if not os.path.exists(target):
            _beside(target, data, None)
            return
        known = os.stat(target)
        if not stat.S_ISREG(known.st_mode):  # a device, a pipe
            _into(target, data)
            return
        if known.st_nlink > 1 or not _can_replace(target, known):
            _in_place(target, io.BytesIO(data))
        else:
            _beside(target, data, known)


@contextmanager
def growing(path: str, option: str) -> Iterator[BinaryIO]:
    """A file to write a long content to, piece by piece, which takes the place of `path` at the end of all is well.

    Raises what `require_writable` raises; OSError where a piece cannot be written.
    """
    require_writable(path, option)
    with _told(path):
        target = os.path.realpath(path)
        known = os.stat(target) if os.path.exists(target) else None
    if known is not None and not stat.S_ISREG(known.st_mode):  # a device, a pipe
        with open(target, "wb") as file:
            yield file
    elif known is not None and (known.st_nlink > 1 or not _can_replace(target, known)):
        from tempfile import TemporaryFile

        with TemporaryFile() as elsewhere:
            yield elsewhere
            with _told(path):
                _in_place(target, elsewhere)
    else:
        yield from _growing_beside(path, target, known)


def _growing_beside(path: str, target: str, known: os.stat_result | None) -> Iterator[BinaryIO]:
    with _told(path):
        file = _new_beside(target)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with _told(path):
            _replace(file.name, target, known)
    except BaseException:
        with suppress(OSError):
            os.unlink(file.name)
        raise


def require_writable(path: str, option: str) -> None:
    """Refuse a path that cannot be written, or that this command has read: to be asked before anything long begins.

    `option` is what chose the path; an empty one may write over what was read. Raises AdError `output`.
    """
    with _told(path):
        target = os.path.realpath(path)
        if option and was_read(target):
            message = f"{option} {path} would overwrite a file that this command reads"
            raise AdError(Problem("output", message, help="name another file"))
        if os.path.isdir(target):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.path.exists(target):
            os.stat(os.path.dirname(target))
        elif not os.access(target, os.W_OK) or not os.stat(target).st_mode & _WRITABLE:
            raise AdError(Problem("output", f"cannot write `{path}`: it may only be read", help=f"chmod u+w {path}"))


def write_new(path: str, content: str) -> None:
    """Write a file that does not exist yet; raises AdError `output` where it does, or cannot be written."""
    if path == STANDARD_OUTPUT:
        raise AdError(Problem("output", "a file is written, and `-` is none", help="name it, as in `model.ad`"))
    with _told(path):
        if os.path.lexists(path):
            raise _exists(path)
        temporary = _temporary(path, _encoded(content))
        try:
            os.link(temporary, path)  # which fails where another process has made the file meanwhile
        except FileExistsError:
            raise _exists(path) from None
        except OSError:  # a file system without links
            os.rename(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)


def _exists(path: str) -> AdError:
    help_text = "name a file in it" if os.path.isdir(path) else "name another file, or remove this one"
    return AdError(Problem("output", f"`{path}` exists already", help=help_text))


def _encoded(content: str | bytes) -> bytes:
    return content.encode("utf-8", errors="backslashreplace") if isinstance(content, str) else content


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Tell as an AdError what the system refuses."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AdError(Problem("output", f"cannot write `{path}`: {reason}")) from None


def _can_replace(target: str, known: os.stat_result) -> bool:
    """Whether another file may take the target's place, of the same owner."""
    may_own = os.geteuid() in (0, known.st_uid) if hasattr(os, "geteuid") else True
    return may_own and os.access(os.path.dirname(target), os.W_OK | os.X_OK)


def _beside(target: str, data: bytes, known: os.stat_result | None) -> None:
    """Write a file beside the target, and put it in the target's place."""
    temporary = _temporary(target, data)
    try:
        _replace(temporary, target, known)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _replace(temporary: str, target: str, known: os.stat_result | None) -> None:
    """Put a file in the target's place, with the owner and the mode of that one."""
    if known is not None:
        if hasattr(os, "chown"):
            os.chown(temporary, known.st_uid, known.st_gid)
        os.chmod(temporary, stat.S_IMODE(known.st_mode))
    os.replace(temporary, target)


def _temporary(target: str, data: bytes) -> str:
    """A new file in the folder of the target, with all of the data on the disk."""
    file = _new_beside(target)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            os.unlink(file.name)
        raise
    return file.name


def _new_beside(target: str) -> BinaryIO:
    """A new file in the folder of the target, open for writing and reading."""
    folder = os.path.dirname(target)
    for number in range(_FEW):
        path = os.path.join(folder, f".adcli-{os.getpid()}-{number}.tmp")
        with suppress(FileExistsError):
            return open(path, "x+b", opener=_with_all)
    raise OSError(f"there are too many files like `{path}`")


def _with_all(path: str, flags: int) -> int:
    return os.open(path, flags, _ALL_MAY)


def _into(target: str, data: bytes) -> None:
    with open(target, "wb") as file:
        file.write(data)


def _in_place(target: str, data: BinaryIO) -> None:
    """Write into the target itself, which has other names or another owner, or whose folder takes no new file.

    The room is made before anything is overwritten, and no signal that can be held back comes in between.
    """
    size = data.seek(0, os.SEEK_END)
    data.seek(0)
    with open(target, "r+b") as file, _signals_held():
        before = os.fstat(file.fileno()).st_size
        try:
            if size > before and hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), before, size - before)
        except OSError:
            os.ftruncate(file.fileno(), before)
            raise
        while part := data.read(_AT_ONCE):
            file.write(part)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back what would end the process until the end."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
