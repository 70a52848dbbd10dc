"""Arrays read where they lie: the file is mapped into memory, and only the rows that are looked at are loaded."""

from __future__ import annotations

import json
import math
import mmap
import pickle
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

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
LOCAL_HEADER = 30


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
    except UNREADABLE as error:
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
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    OSError,
    EOFError,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
)
