"""Read a pickle of plain data without letting it run anything.

A pickle is a small program: it names functions, and the unpickler calls them. The few names that CIFAR's files need are
answered here by stand-ins that only take notes; every other name is an error. Not even numpy sees the file's content
before its types, shape and length have been checked.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import numpy as np

_DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")


def load_dict(content: bytes, where: str) -> dict[str, object]:
    """Unpickle a dict of numbers, strings, lists and integer numpy arrays, written by any Python from 2 on.

    Args:
        content: the pickle.
        where: what to call it in errors, usually its path.

    Returns:
        The dict, its keys as str and its arrays as read-only numpy arrays. Python 2 strings come as bytes.

    Raises:
        ValueError: the pickle names anything beyond plain arrays (nothing of it is run), is cut short or
            damaged, or holds something other than a dict.
    """
    try:
        entries = _PlainUnpickler(io.BytesIO(content), encoding="bytes").load()
    except _Refused as error:
        raise ValueError(f"{where} is not a file of plain data: it asks to run {error}; nothing was run") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise ValueError(f"{where} is cut short or damaged ({type(error).__name__}: {error})") from error
    if not isinstance(entries, dict):
        raise ValueError(f"{where} must hold a dict, got {type(entries).__name__}")
    try:
        return {_text(key): _made(value) for key, value in entries.items()}
    except (TypeError, ValueError, LookupError) as error:
        raise ValueError(f"{where} is damaged ({error})") from error


class _Refused(Exception):
    pass


class _Notes:
    """What a pickle gives in place of an object: the arguments to make it of, then its state. Nothing is made."""

    __slots__ = ("args", "state")
    state: Any

    def __init__(self, *args: Any) -> None:
        self.args, self.state = args, ()

    def __setstate__(self, state: Any) -> None:  # without it, a pickle could set attributes
        self.state = state


class _Dtype(_Notes):
    __slots__ = ()


class _Array(_Notes):
    """In place of numpy's _reconstruct: shape, dtype and bytes arrive as the state."""

    __slots__ = ()


class _Buffer(_Notes):
    """In place of numpy's _frombuffer, which protocol 5 uses: bytes, dtype, shape and order are the arguments."""

    __slots__ = ()


class _Latin1(_Notes):
    """In place of _codecs.encode, by which Python 3 writes bytes in protocols 0 to 2."""

    __slots__ = ()

    def __new__(cls, text: str, encoding: str = "latin1") -> bytes:
        if encoding != "latin1":
            raise ValueError(f"bytes encoded as {encoding!r}")
        return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _Notes,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _Latin1,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Array for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _Buffer for core in ("core", "_core")},
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in _ALLOWED:
            raise _Refused(f"{module}.{name}")
        return _ALLOWED[module, name]


def _made(value: Any) -> object:
    """An array from the notes on one, once they have been found to fit together; other values as they are."""
    if isinstance(value, _Array):
        _, shape, kind, fortran, content = value.state
    elif isinstance(value, _Buffer):
        content, kind, shape, order, *_ = value.args
        fortran = order == "F"
    else:
        return value
    if not isinstance(kind, _Dtype) or not isinstance(content, (bytes, bytearray)):
        raise ValueError("an array without plain bytes")
    code, order = _text(kind.args[0]), _text(kind.state[1]) if kind.state else "|"
    if code not in _DTYPES or order not in ("<", ">", "|", "="):
        raise ValueError(f"arrays must hold integers, got dtype {order + code!r}")
    dtype, shape = np.dtype(order + code), tuple(shape)
    if not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(f"an array of shape {shape}")
    if math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError(f"an array of shape {shape} with {len(content)} bytes")
    return np.frombuffer(bytes(content), dtype).reshape(shape, order="F" if fortran else "C")


def _text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)
