"""Embeddings that are larger than memory: nothing holds more than a small part of them at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
ROWS, WIDTH = 38_000, 1024  # 156 MB, of which 64 may be in memory at a time

PROGRAM = """
import sys, threading, time
import torch
from torch.nn import CrossEntropyLoss
from topk_lib.experiments.data.array_files import Rows, write_arrays
from topk_lib.experiments.data.embeddings import load_embeddings, make_embeddings
from dataclasses import replace
from topk_lib.experiments import HEAD_RECIPES, fit
from topk_lib.experiments.running import build_model
from pathlib import Path

def own_megabytes():
    return [int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("RssAnon")][0]

class Peak(threading.Thread):
    over, top = False, 0
    def run(self):
        while not self.over:
            self.top = max(self.top, own_megabytes())
            time.sleep(0.001)

path, how, rows, width = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:])
torch.set_num_threads(1)
recipe = replace(HEAD_RECIPES["fast"], epochs=1)
some = make_embeddings("x", (torch.ones(8, width), torch.arange(8)), (torch.ones(8, width), torch.arange(8)))
fit(build_model("linear", some), CrossEntropyLoss(), some, recipe)  # torch's own needs come first
peak, before = Peak(), own_megabytes()
peak.start()
piece, labels = torch.rand(1000, width), torch.arange(rows) % 10
arrays = {}
for name, count in (("train", rows - 8000), ("test", 8000)):
    arrays[name + "_embeddings"] = Rows(torch.float32, (count, width), (piece for _ in range(count // 1000)))
    arrays[name + "_labels"] = Rows(torch.int64, (count,), (labels[:count],))
write_arrays(path, arrays)
data = load_embeddings(path)
if how == "careless":
    data = make_embeddings("x", *((split.features.clone(), split.labels) for split in (data.train, data.test)))
fit(build_model("linear", data), CrossEntropyLoss(), data, recipe)
peak.over = True
peak.join()
print(path.stat().st_size / 2**20, peak.top - before)
"""


@pytest.mark.skipif(
    not (STATUS.exists() and "RssAnon" in STATUS.read_text()),
    reason="only Linux tells a process's own memory",
)
@pytest.mark.parametrize(("name", "how"), [("x.npz", "mapped"), ("x.safetensors", "careless")])
def test_writing_reading_and_training_hold_a_small_part_of_the_file(tmp_path, name, how):
    command = [sys.executable, "-c", PROGRAM, tmp_path / name, how, ROWS, WIDTH]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    size, peak = map(float, done.stdout.split())
    assert size > 145 and (peak < 64) == (how == "mapped"), (size, peak)
