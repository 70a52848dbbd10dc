"""Write a file of arrays piece by piece: none of them has to fit into memory, and no reader sees half a file."""

from __future__ import annotations

import errno
import json
import math
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import torch
from torch import Tensor

from .mapped_files import SAFETENSORS_TYPES
from .writing import write_whole

ENDINGS = (".npz", ".safetensors")
ALIGNMENT = 64
LOCAL_HEADER, ZIP64_FIELD = 30, 20


class Rows(NamedTuple):
    """An array that comes in pieces.

    Attributes:
        dtype: what its numbers are stored as.
        shape: of the whole array.
        pieces: tensors that make up the array one below the other; asked for one at a time.
    """

    dtype: torch.dtype
    shape: tuple[int, ...]
    pieces: Iterable[Tensor]

    @property
    def size(self) -> int:
        """Bytes of the whole array."""
        return math.prod(self.shape) * self.dtype.itemsize


def write_arrays(path: Path, arrays: Mapping[str, Rows]) -> Path:
    """Write arrays in the order given, the pieces of one after those of the other. Folders are made as needed.

    Args:
        path: ends in .npz (NumPy's format, not compressed) or .safetensors; a file of that name is replaced.
        arrays: by name. A .npz file cannot hold bfloat16.

    Raises:
        ValueError: another ending, bfloat16 in a .npz, or pieces that do not make up an array of the shape.
        OSError: the disk has too little room, or the file cannot be written.
    """
    check_ending(path, *(rows.dtype for rows in arrays.values()))
    path.parent.mkdir(parents=True, exist_ok=True)
    _check_room(path.parent, sum(rows.size for rows in arrays.values()))
    write = _write_npz if path.suffix.lower() == ".npz" else _write_safetensors
    return write_whole(path, lambda file: write(file, arrays))


def check_ending(path: Path, *dtypes: torch.dtype) -> None:
    """Raise ValueError unless a file of this name can hold numbers of these types."""
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"path must end in {' or '.join(ENDINGS)}, got {str(path)!r}")
    if path.suffix.lower() == ".npz" and torch.bfloat16 in dtypes:
        raise ValueError(f"path must end in .safetensors to hold bfloat16, got {str(path)!r}")


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        message = f"{needed / 1e9:.1f} GB are to be written, {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, message, str(folder))


def _write_npz(file: IO[bytes], arrays: Mapping[str, Rows]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, rows in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            member.extra = _padding(file.tell() + LOCAL_HEADER + len(member.filename) + ZIP64_FIELD)
            kind = np.lib.format.dtype_to_descr(torch.empty(0, dtype=rows.dtype).numpy().dtype)
            with archive.open(member, "w", force_zip64=True) as target:
                header = {"descr": kind, "fortran_order": False, "shape": rows.shape}
                np.lib.format.write_array_header_1_0(target, header)
                _pour(target, name, rows)


def _padding(position: int) -> bytes:
    """An extra field of a zip file that does nothing but move what follows to a multiple of ALIGNMENT."""
    length = (-position - 4) % ALIGNMENT
    return b"TK" + length.to_bytes(2, "little") + bytes(length)


def _write_safetensors(file: IO[bytes], arrays: Mapping[str, Rows]) -> None:
    names = {dtype: name for name, dtype in SAFETENSORS_TYPES.items()}
    entries, end = {}, 0
    for name, rows in arrays.items():
        begin, end = end, end + rows.size
        entries[name] = {"dtype": names[rows.dtype], "shape": list(rows.shape), "data_offsets": [begin, end]}
    header = json.dumps(entries).encode()
    header += b" " * ((-len(header) - 8) % ALIGNMENT)
    file.write(len(header).to_bytes(8, "little") + header)
    for name, rows in arrays.items():
        _pour(file, name, rows)


def _pour(file: IO[bytes], name: str, rows: Rows) -> None:
    count = 0
    for piece in rows.pieces:
        if piece.shape[1:] != rows.shape[1:]:
            raise ValueError(f"{name} must have rows of shape {rows.shape[1:]}, got {tuple(piece.shape[1:])}")
        count += len(piece)
        file.write(piece.detach().to("cpu", rows.dtype).contiguous().view(torch.uint8).numpy().data)
    if count != rows.shape[0]:
        raise ValueError(f"{name} must have {rows.shape[0]} rows, got {count}")
