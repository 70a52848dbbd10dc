"""Claims: one owner at a time, and none that outlives its process."""

import json
import os
import platform
import subprocess
import sys
import time

import pytest

from topk_lib.experiments.grids import locks
from topk_lib.experiments.grids.locks import locked


def write_claim(record, host, pid, age=0.0):
    path = record.with_name(f"{record.name}.lock")
    path.write_text(json.dumps({"host": host, "pid": pid}))
    os.utime(path, (time.time() - age,) * 2)


def dead_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_claim_has_one_owner_and_ends_with_the_run(tmp_path):
    record = tmp_path / "new" / "run.json"
    with locked(record) as ours:
        assert ours
        with locked(record) as theirs:
            assert not theirs
        assert list(record.parent.iterdir()) != []
    with locked(record) as again:
        assert again
    assert list(record.parent.iterdir()) == []


def test_a_run_that_fails_gives_its_claim_up(tmp_path):
    with pytest.raises(OSError, match="full"), locked(tmp_path / "run.json"):
        raise OSError("full")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no harmless way to ask for a process; there age decides")
def test_the_claim_of_a_dead_process_is_void_at_once(tmp_path):
    write_claim(tmp_path / "run.json", platform.node(), dead_process())
    with locked(tmp_path / "run.json") as ours:
        assert ours


@pytest.mark.parametrize(("age", "free"), [(1, False), (locks.VOID_AFTER - 30, False), (locks.VOID_AFTER + 30, True)])
def test_the_claim_of_another_machine_is_void_when_nobody_touches_it(age, free, tmp_path):
    write_claim(tmp_path / "run.json", "elsewhere", dead_process(), age)
    with locked(tmp_path / "run.json") as ours:
        assert ours is free


def test_a_claim_is_touched_while_the_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "BEAT", 0.02)
    with locked(tmp_path / "run.json"):
        path = tmp_path / "run.json.lock"
        os.utime(path, (0, 0))
        end = time.time() + 10
        while path.stat().st_mtime == 0 and time.time() < end:
            time.sleep(0.02)
        assert path.stat().st_mtime > 0


def test_a_claim_that_is_just_being_written_is_respected_but_not_for_ever(tmp_path):
    path = tmp_path / "run.json.lock"
    path.write_text("")
    with locked(tmp_path / "run.json") as ours:
        assert not ours
    os.utime(path, (0, 0))
    with locked(tmp_path / "run.json") as ours:
        assert ours
