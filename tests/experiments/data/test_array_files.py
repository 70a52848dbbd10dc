"""Arrays in files: pieces come back as one, mapped where they lie, and nothing is left of what went wrong."""

import json
import os
import shutil
from collections import namedtuple

import numpy as np
import pytest
import torch

from topk_lib.experiments.data import array_files
from topk_lib.experiments.data.array_files import Rows, copy_rows, map_arrays, write_arrays

ARRAYS = {
    "odd": torch.randn(7, 3, generator=torch.Generator().manual_seed(0)).half(),
    "labels": torch.arange(5),
    "double": torch.randn(2, 1, 4, generator=torch.Generator().manual_seed(1), dtype=torch.double),
}


def written(path, arrays=ARRAYS):
    return write_arrays(path, {name: Rows(a.dtype, tuple(a.shape), a.split(2)) for name, a in arrays.items()})


def tensor(found):
    return torch.as_tensor(found)


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors"])
def test_pieces_come_back_as_one_array_and_lie_side_by_side(tmp_path, name):
    path = written(tmp_path / "deep" / name)
    found = map_arrays(path)
    assert list(found) == list(ARRAYS) and os.listdir(path.parent) == [name]
    assert all(torch.equal(tensor(found[key]), a) and tensor(found[key]).dtype == a.dtype for key, a in ARRAYS.items())


def test_numpy_itself_reads_the_npz_and_finds_its_arrays_aligned(tmp_path):
    path = written(tmp_path / "x.npz")
    with np.load(path) as found:
        assert all(np.array_equal(found[key], a.numpy()) for key, a in ARRAYS.items())
    assert all(a.ctypes.data % 64 == 0 for a in map_arrays(path).values())


def test_a_safetensors_file_is_a_length_a_header_and_numbers(tmp_path):
    content = written(tmp_path / "x.safetensors", {"b": torch.ones(2, 2).bfloat16(), "n": torch.arange(2)}).read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    assert json.loads(content[8:start]) == {
        "b": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]},
        "n": {"dtype": "I64", "shape": [2], "data_offsets": [8, 24]},
    }
    assert content[start:] == b"\x80\x3f" * 4 + bytes(8) + b"\x01" + bytes(7)


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors", "x.pt"])
def test_arrays_are_mapped_not_read_and_the_file_stays_as_it_is(tmp_path, name):
    path = tmp_path / name
    torch.save(ARRAYS, path) if name.endswith("pt") else written(path)
    found = map_arrays(path)
    where = path.read_bytes().find(ARRAYS["odd"].numpy().tobytes())
    with path.open("r+b") as file:  # what is changed in the file shows in the array: it is the file
        file.seek(where)
        file.write(np.float16(42).tobytes())
    array = tensor(found["odd"])
    assert array[0, 0] == 42
    before = path.read_bytes()
    array[1] = 7  # what is changed in the array stays out of the file
    assert path.read_bytes() == before


def test_other_npz_files_are_read_too(tmp_path):
    a = np.arange(12.0).reshape(3, 4)
    np.savez_compressed(tmp_path / "small.npz", a=a, turned=np.asfortranarray(a))
    np.savez(tmp_path / "plain.npz", ab=a, turned=np.asfortranarray(a))
    for name, key in (("small", "a"), ("plain", "ab")):
        found = map_arrays(tmp_path / f"{name}.npz")
        assert np.array_equal(found[key], a) and np.array_equal(found["turned"], a)


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_rows_are_copied_from_wherever_they_begin(shift):
    memory = bytearray(shift) + bytearray(np.arange(12, dtype=np.float32).tobytes())
    array = torch.frombuffer(memory, dtype=torch.float32, offset=shift).reshape(4, 3)
    for rows in (slice(1, 3), torch.tensor([2, 0, 2])):
        copied = copy_rows(array, rows)
        assert torch.equal(copied, torch.arange(12.0).reshape(4, 3)[rows])
        assert copied.data_ptr() % 4 == 0 and copied.untyped_storage().data_ptr() != array.untyped_storage().data_ptr()


class Interrupted(BaseException):
    pass


def failing(error):
    yield torch.zeros(1, 3)
    raise error


@pytest.mark.parametrize("name", ["x.npz", "x.safetensors"])
@pytest.mark.parametrize("error", [Interrupted(), OSError("the disk is full")])
def test_an_interruption_leaves_no_file_and_an_earlier_one_as_it_was(tmp_path, name, error):
    path = tmp_path / name
    for earlier in (None, b"precious"):
        if earlier:
            path.write_bytes(earlier)
        with pytest.raises(type(error)):
            write_arrays(path, {"a": Rows(torch.float32, (9, 3), failing(error))})
        assert [file.read_bytes() for file in tmp_path.iterdir()] == ([earlier] if earlier else [])


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("x.pt", Rows(torch.float32, (1,), [torch.ones(1)]), "path must end in .npz or .safetensors, got"),
        ("x.npz", Rows(torch.bfloat16, (1,), [torch.ones(1)]), "path must end in .safetensors to hold bfloat16"),
        ("x.npz", Rows(torch.float32, (3,), [torch.ones(2)]), "a must have 3 rows, got 2"),
        ("x.npz", Rows(torch.float32, (2, 4), [torch.ones(2, 5)]), r"a must have rows of shape \(4,\), got \(5,\)"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_nothing(tmp_path, name, rows, message):
    with pytest.raises(ValueError, match=message):
        write_arrays(tmp_path / name, {"a": rows})
    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_seen_before_anything_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: namedtuple("usage", "free")(5_000_000))
    assert array_files.shutil is shutil
    never = (pytest.fail("asked for") for _ in range(1))
    with pytest.raises(OSError, match=r"8\.0 GB are to be written, 0\.0 GB are free"):
        write_arrays(tmp_path / "x.npz", {"a": Rows(torch.float32, (2_000_000, 1000), never)})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"abc",
        bytes(8),
        (2**40).to_bytes(8, "little") + b"{}",
        b"\x02" + bytes(7) + b"[]",
        b"\x02" + bytes(7) + b"xy",
        *(
            len(header).to_bytes(8, "little") + header + bytes(16)
            for header in (
                b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}',
                b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [12, 20]}}',
                b'{"a": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}}',
                b'{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [8, 0]}}',
                b'{"a": 3}',
            )
        ),
    ],
)
def test_a_damaged_safetensors_file_is_called_damaged(tmp_path, content):
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.safetensors is damaged or not a \.safetensors file of plain numbers"):
        map_arrays(tmp_path / "x.safetensors")


def test_a_torch_file_that_the_system_will_not_map_comes_with_a_remedy(tmp_path, monkeypatch):
    def refuse(*given, **named):
        raise RuntimeError("unable to mmap 12000000000 bytes from file <x.p>: Cannot allocate memory (12)")

    torch.save(ARRAYS, tmp_path / "x.p")
    monkeypatch.setattr(torch, "load", refuse)
    with pytest.raises(ValueError, match=r"more than this system maps \(unable to mmap .* vm\.overcommit_memory=1"):
        map_arrays(tmp_path / "x.p")
