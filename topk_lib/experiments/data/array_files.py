"""Files of arrays, .npz and .safetensors: mapped where they lie, and written piece by piece.

Neither needs an array to fit into memory: of what is mapped only the rows that are looked at are loaded, and what is
written is asked for a piece at a time. No reader sees half a file.
"""

from __future__ import annotations

import errno
import json
import math
import mmap
import shutil
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..reading import DAMAGED
from .writing import write_whole

SAFETENSORS_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
}
# Linux refuses a private mapping that is larger than memory and swap, unless no memory is reserved for it.
NO_RESERVE = getattr(mmap, "MAP_NORESERVE", 0x4000 if sys.platform == "linux" else 0)
ENDINGS = (".npz", ".safetensors")
ALIGNMENT = 64
LOCAL_HEADER, ZIP64_FIELD = 30, 20


def map_arrays(path: Path) -> Mapping[str, Any]:
    """The arrays of a .npz or .safetensors file, or of a dict that was written by torch.save, by their names.

    What is stored plainly is mapped: it may be larger than memory, and writing to it leaves the file as it is.
    Compressed members of a .npz, and torch files older than PyTorch 1.6, are read. Nothing in a file is run.

    Raises:
        ValueError: the file is damaged, holds more than plain numbers, or is more than the system maps.
    """
    read, fault = READERS.get(path.suffix.lower(), (_torch, "holds more than plain tensors; nothing in it was run"))
    try:
        entries = read(path)
    except (*DAMAGED, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if "unable to mmap" in reason:
            remedy = "a .safetensors file has no such limit; on Linux, `sysctl vm.overcommit_memory=1` lifts it"
            raise ValueError(f"{path} is more than this system maps ({reason}); {remedy}") from error
        raise ValueError(f"{path} is damaged or {fault} ({reason})") from error
    if not isinstance(entries, Mapping):
        raise ValueError(f"{path} must hold a dict, got {type(entries).__name__}")
    return entries


def copy_rows(array: Tensor, rows: Tensor | slice) -> Tensor:
    """Some rows of a contiguous array as a tensor of their own.

    Bytes are copied, not numbers: in a file, numbers may begin anywhere, but processors want them aligned.
    """
    bytes_per_row = array.view(torch.uint8)
    copied = bytes_per_row[rows].clone() if isinstance(rows, slice) else bytes_per_row.index_select(0, rows)
    return copied.view(array.dtype)


def _mapped(file: IO[bytes]) -> mmap.mmap:
    if hasattr(mmap, "MAP_PRIVATE"):
        flags, protection = mmap.MAP_PRIVATE | NO_RESERVE, mmap.PROT_READ | mmap.PROT_WRITE
        return mmap.mmap(file.fileno(), 0, flags=flags, prot=protection)
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _npz(path: Path) -> dict[str, np.ndarray]:
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        mapped = _mapped(file)
        return {member.filename.removesuffix(".npy"): _npy(archive, member, mapped) for member in archive.infolist()}


def _npy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, mapped: mmap.mmap) -> np.ndarray:
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if member.compress_type == zipfile.ZIP_STORED and version in ((1, 0), (2, 0)):
            read_header = getattr(np.lib.format, f"read_array_header_{version[0]}_0")
            shape, fortran_order, dtype = read_header(file)
            if not fortran_order and not dtype.hasobject:
                before = member.header_offset
                lengths = mapped[before + 26 : before + LOCAL_HEADER]
                names = sum(int.from_bytes(lengths[i : i + 2], "little") for i in (0, 2))
                start = before + LOCAL_HEADER + names + file.tell()
                return np.frombuffer(mapped, dtype, math.prod(shape), start).reshape(shape)
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _safetensors(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file:
        mapped = _mapped(file)
    start = 8 + int.from_bytes(mapped[:8], "little")
    if not 8 < start <= len(mapped):
        raise ValueError(f"a header of {start - 8} bytes")
    entries = json.loads(mapped[8:start])
    entries.pop("__metadata__", None)
    return {name: _tensor(mapped, start, **entry) for name, entry in entries.items()}


def _tensor(mapped: mmap.mmap, start: int, dtype: str, shape: list[int], data_offsets: list[int]) -> Tensor:
    kind, count = SAFETENSORS_TYPES[dtype], math.prod(shape)
    begin, end = data_offsets
    if end - begin != count * kind.itemsize or not 0 <= begin <= end <= len(mapped) - start:
        raise ValueError(f"{data_offsets} for {dtype} of shape {shape}")
    flat = torch.frombuffer(mapped, dtype=kind, count=count, offset=start + begin) if count else torch.empty(0).to(kind)
    return flat.reshape(shape)


def _torch(path: Path) -> object:
    return torch.load(path, map_location="cpu", mmap=zipfile.is_zipfile(path), weights_only=True)


READERS = {
    ".npz": (_npz, "not a .npz file of plain numbers"),
    ".safetensors": (_safetensors, "not a .safetensors file of plain numbers"),
}


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
    needed, free = sum(rows.size for rows in arrays.values()), shutil.disk_usage(path.parent).free
    if needed > free:
        message = f"{needed / 1e9:.1f} GB are to be written, {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, message, str(path.parent))
    write = _write_npz if path.suffix.lower() == ".npz" else _write_safetensors
    return write_whole(path, lambda file: write(file, arrays))


def check_ending(path: Path, *dtypes: torch.dtype) -> None:
    """Raise ValueError unless a file of this name can hold numbers of these types."""
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"path must end in {' or '.join(ENDINGS)}, got {str(path)!r}")
    if path.suffix.lower() == ".npz" and torch.bfloat16 in dtypes:
        raise ValueError(f"path must end in .safetensors to hold bfloat16, got {str(path)!r}")


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
