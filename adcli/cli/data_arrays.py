"""Data files of NumPy: .npy and .npz."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from adcli.cli.data_messages import bad_file, bad_value, content_of, element_name, listed, meant, no_numbers, shown
from adcli.errors import AdError

if TYPE_CHECKING:
    from adcli.cli.data_messages import Array


def no_archive(path: str) -> AdError:
    """The error that a file is no archive."""
    return bad_file(f"`{path}` is not an archive of NumPy arrays", help="`numpy.savez` writes such a file")


def from_npy(path: str) -> float | Array:
    """The numbers in an `.npy` file. Raises AdError `data-file` or `data-value`."""
    return as_float64(array_of(path), f"`{path}`")


def array_of(path: str) -> Any:
    """The array in an `.npy` file, as it is. Raises AdError `data-file`."""
    import numpy

    content = content_of(path)
    if not content.startswith(b"\x93NUMPY"):
        raise bad_file(f"`{path}` is not a NumPy array", help="`numpy.save` writes such a file")
    with numpy_reads(path):
        return numpy.load(io.BytesIO(content), allow_pickle=False)


def from_archive(path: str, name: str | None) -> float | Array:
    """The numbers in an array of an `.npz` file, the only one if none is named. Raises AdError as `from_npy` does."""
    with archive_of(path) as arrays:
        known = list(arrays)
        if not known:
            raise no_numbers(path)
        if name is None and len(known) > 1:
            message = f"`{path}` holds {len(known)} arrays: {listed(known)}"
            raise bad_file(message, help=f"take one of them: `{path}[{shown(known[0])}]`")
        chosen = known[0] if name is None else name.strip()
        if chosen not in arrays:
            message = f"`{path}` has no array `{shown(chosen)}`"
            raise bad_file(message, note=f"its arrays: {listed(known)}", help=meant(chosen, known))
        return as_float64(arrays[chosen], f"`{path}`, array `{shown(chosen)}`")


@contextmanager
def archive_of(path: str) -> Iterator[Mapping[str, Any]]:
    """The arrays of an archive, each of which is read when it is asked for."""
    import numpy

    content = content_of(path)
    if not content.startswith(b"PK"):
        raise no_archive(path)
    with numpy_reads(path), numpy.load(io.BytesIO(content), allow_pickle=False) as archive:
        twice = next((name for name, times in Counter(archive.files).items() if times > 1), None)
        if twice is not None:
            raise bad_file(f"`{path}` holds `{shown(twice)}` twice", help="give each array a name of its own")
        yield archive


@contextmanager
def numpy_reads(path: str) -> Iterator[None]:
    """Tell as an AdError whatever NumPy and the modules below it raise at a file that is damaged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except AdError:
        raise
    except Exception as error:  # there are too many kinds to name: of zip, zlib, the header's syntax, memory
        if "Object arrays" in str(error):
            raise bad_file(f"`{path}` holds Python objects, not numbers", help=_save_numbers()) from None
        reason = shown(str(error).split("\n")[0] or type(error).__name__)
        raise bad_file(f"`{path}` is damaged and cannot be read: {reason}", help="write the file again") from None


def _save_numbers() -> str:
    return "save an array of real numbers: its `dtype` should be float64"


def as_float64(array: Any, name: str) -> float | Array:
    """An array as NumPy loaded it, as numbers; `name` is what messages call it."""
    import numpy

    if not isinstance(array, numpy.ndarray):  # a member of an archive that is no array is given as bytes
        raise bad_file(f"{name} is not a NumPy array", help="`numpy.savez` writes such a file")
    if array.dtype.kind not in "biuf":
        raise bad_file(f"{name} holds elements of type {shown(array.dtype)}, not real numbers", help=_save_numbers())
    if array.ndim > 2:
        message = f"{name} has {array.ndim} dimensions: its shape is {array.shape}"
        raise bad_file(message, help="an input is a number, a vector or a matrix: save a part of the array")
    if not array.size:
        raise bad_file(f"{name} holds no numbers", note=f"its shape is {array.shape}")
    with numpy.errstate(all="ignore"):
        numbers = numpy.array(array, numpy.float64, order="C")
    wrong = numpy.argwhere(~numpy.isfinite(numbers))
    if len(wrong):
        index = tuple(wrong[0].tolist())
        message = f"{element_name(name, index)}: `{array[index]}` is not a finite number"
        raise bad_value(message, len(wrong) - 1, "every element should be a finite number")
    return numbers if numbers.ndim else float(numbers)
