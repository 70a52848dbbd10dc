"""Read a pickle of plain data without letting it run anything.

A pickle is a small program: it names functions, and the unpickler calls them. The few names that CIFAR's
files need are answered here by stand-ins that only take notes; every other name is an error. Not even numpy
sees the file's content before its types, shape and length have been checked.
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
        return {_text(key): value.array() if isinstance(value, _Array) else value for key, value in entries.items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where} is damaged ({error})") from error


def _text(value: object) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


class _Refused(Exception):
    pass


class _StandIn:
    """Takes the place of a name in a pickle. Its __setstate__ keeps the pickle from setting attributes."""

    __slots__ = ()

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        raise ValueError("unexpected state")


class _Dtype(_StandIn):
    __slots__ = ("code", "order")

    def __init__(self, code: object, *_: object) -> None:
        self.code, self.order = _text(code), "|"

    def __setstate__(self, state: tuple) -> None:
        self.order = _text(state[1])

    def dtype(self) -> np.dtype:
        if self.code not in _DTYPES or self.order not in ("<", ">", "|", "="):
            raise ValueError(f"arrays must hold integers, got dtype {self.order + self.code!r}")
        return np.dtype(self.order + self.code)


class _Array(_StandIn):
    """Stands for numpy's _reconstruct: an empty array whose shape and bytes arrive as its state."""

    __slots__ = ("content", "fortran", "kind", "shape")

    def __setstate__(self, state: tuple) -> None:
        _, self.shape, self.kind, self.fortran, self.content = state

    def array(self) -> np.ndarray:
        if not isinstance(self.kind, _Dtype) or not isinstance(self.content, (bytes, bytearray)):
            raise ValueError("an array without plain bytes")
        dtype, shape = self.kind.dtype(), tuple(self.shape)
        if not all(isinstance(n, int) and n >= 0 for n in shape):
            raise ValueError(f"an array of shape {shape}")
        if math.prod(shape) * dtype.itemsize != len(self.content):
            raise ValueError(f"an array of shape {shape} with {len(self.content)} bytes")
        flat = np.frombuffer(bytes(self.content), dtype)
        return flat.reshape(shape, order="F" if self.fortran else "C")


class _Buffer(_Array):
    """Stands for numpy's _frombuffer, which protocol 5 uses."""

    __slots__ = ()

    def __init__(self, content: object, kind: object, shape: tuple, order: object, *_: object) -> None:
        self.content, self.kind, self.shape, self.fortran = content, kind, shape, order == "F"


class _Latin1(_StandIn):
    """Stands for _codecs.encode, by which Python 3 writes bytes in protocols 0 to 2."""

    __slots__ = ()

    def __new__(cls, text: str, encoding: str = "latin1") -> bytes:
        if encoding != "latin1":
            raise ValueError(f"bytes encoded as {encoding!r}")
        return text.encode("latin1")


_ALLOWED = {
    ("numpy", "ndarray"): _StandIn,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _Latin1,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _Array for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _Buffer for core in ("core", "_core")},
}


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None
