"""The unpickler reads plain data of every pickle dialect and runs nothing."""

import io
import os
import pickle
import pickletools
import subprocess
from pathlib import Path

import numpy as np
import pytest

from topk_lib.experiments.data import plain_pickle
from topk_lib.experiments.data.plain_pickle import load_dict

from .made_cifar import python2, python3

DIALECTS = {"python 2": python2, **{f"protocol {p}": python3(p) for p in range(6)}}


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def attacks(marker):
    return {
        "os.system": Calls(os.system, f"echo > {marker}"),
        "exec": Calls(exec, f"open({str(marker)!r}, 'w').close()"),
        "open": Calls(io.open, str(marker), "w"),
        "subprocess": Calls(subprocess.check_call, ["touch", str(marker)]),
        "numpy": Calls(np.save, str(marker.with_suffix("")), 1),
    }


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["u1", "<i8", ">i4"])
def test_every_dialect_gives_the_same_data(dialect, order, dtype):
    array = np.asarray(np.arange(12).reshape(3, 4), dtype=dtype, order=order)
    found = load_dict(DIALECTS[dialect]({"data": array, "labels": [1, 300, -2, 2**40]}), "file")
    np.testing.assert_array_equal(found["data"], array)
    assert found["data"].dtype == array.dtype and found["labels"] == [1, 300, -2, 2**40]


@pytest.mark.parametrize("key", ["data", b"data"])
def test_text_and_byte_keys_are_the_same(key):
    assert load_dict(pickle.dumps({key: [b"cat", "dog"]}), "file") == {"data": [b"cat", "dog"]}


def test_numpy_by_its_old_and_new_name():
    content = pickle.dumps({"data": np.arange(3)}, 2)
    for other in (b"numpy._core", b"numpy.core"):
        renamed = content.replace(b"numpy._core", b"numpy.core").replace(b"numpy.core", other)
        assert load_dict(renamed, "file")["data"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("attack", attacks(Path("unused.npy")))
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_malicious_pickle_raises_and_creates_nothing(tmp_path, attack, protocol):
    marker = tmp_path / "marker.npy"
    content = pickle.dumps({"data": attacks(marker)[attack]}, protocol)
    with pytest.raises(ValueError, match=r"path/to/file is not a file of plain data: it asks to run .*nothing"):
        load_dict(content, "path/to/file")
    assert not marker.exists()
    result = pickle.loads(content)["data"]  # the attack is real: plain pickle falls for it
    if hasattr(result, "close"):
        result.close()
    assert marker.exists()


def test_the_error_names_what_the_pickle_wanted():
    with pytest.raises(ValueError, match=r"asks to run builtins\.eval"):
        load_dict(pickle.dumps({"data": Calls(eval, "1")}), "file")


def test_other_names_of_allowed_modules_are_refused():
    with pytest.raises(ValueError, match=r"asks to run numpy\.\w*fromfile|numpy.*fromfile"):
        load_dict(pickle.dumps({"data": Calls(np.fromfile, "/etc/passwd")}), "file")


def test_a_codec_other_than_latin1_is_refused():
    import _codecs

    with pytest.raises(ValueError, match="bytes encoded as 'idna'"):
        load_dict(pickle.dumps({"data": Calls(_codecs.encode, "text", "idna")}), "file")


def test_arrays_of_objects_are_refused():
    with pytest.raises(ValueError, match=r"file is damaged \(an array without plain bytes"):
        load_dict(pickle.dumps({"data": np.array([None, {}], dtype=object)}), "file")


@pytest.mark.parametrize("dtype", ["f4", "U3", "V8", "O"])
def test_only_integer_dtypes_pass(dtype):
    content = pickle.dumps({"data": np.zeros(2, "u1")}, 2)
    forged = content.replace(b"X\x02\x00\x00\x00u1", b"X" + bytes([len(dtype), 0, 0, 0]) + dtype.encode())
    assert forged != content
    with pytest.raises(ValueError, match=r"file is damaged \(arrays must hold integers"):
        load_dict(forged, "file")


def test_an_array_whose_shape_does_not_fit_its_bytes_is_refused():
    content = pickle.dumps({"data": np.zeros(7, "u1")}, 2)
    forged = content.replace(b"K\x07\x85", b"K\x09\x85")
    assert forged != content
    with pytest.raises(ValueError, match=r"an array of shape \(9,\) with 7 bytes"):
        load_dict(forged, "file")


@pytest.mark.parametrize("name", [b"numpy\nndarray", b"numpy\ndtype", b"_codecs\nencode"])
def test_a_pickle_cannot_change_the_stand_ins(name):
    # GLOBAL name, then BUILD with the state (None, {"mark": 1}), which sets attributes.
    content = b"\x80\x02}X\x01\x00\x00\x00ac" + name + b"\nN}X\x04\x00\x00\x00markK\x01s\x86bs."
    pickletools.dis(content, out=io.StringIO())  # well formed
    with pytest.raises(ValueError, match="file"):
        load_dict(content, "file")
    assert not any(hasattr(stand_in, "mark") for stand_in in plain_pickle._ALLOWED.values())


def test_every_way_to_cut_a_pickle_is_an_error_that_names_the_file():
    content = python2({"data": np.zeros((2, 5), np.uint8), "labels": [1, 2]})
    for length in range(len(content)):
        with pytest.raises(ValueError, match="data_batch_3"):
            load_dict(content[:length], "data_batch_3")


def test_something_other_than_a_dict_is_an_error():
    with pytest.raises(ValueError, match="file must hold a dict, got list"):
        load_dict(pickle.dumps([1]), "file")
