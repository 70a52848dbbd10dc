"""Run the authors' code on the 240 stored settings again, and compare with, or renew, what is stored.

    pip install difftopk==0.2.0 diffsort==0.2.0
    python tests/oracle/record.py            # prints the largest differences
    python tests/oracle/record.py --write    # stores the new values

The kit never depends on that package: the tests read difftopk.npz. Two of its methods call torch-sparse, for which
torch.sparse.mm stands in here. float64 is had by setting torch's default type; its NeuralSort is tied to float32.
"""

import argparse
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

STORE = Path(__file__).with_name("difftopk.npz")


def stand_in_for_torch_sparse():
    def spmm(index, value, m, n, matrix):
        return torch.sparse.mm(torch.sparse_coo_tensor(index, value, (m, n)), matrix)

    module = types.ModuleType("torch_sparse")
    module.spmm = spmm
    sys.modules.setdefault("torch_sparse", module)


def evaluate(row, case, dtype):
    """Loss and gradient of the authors' code."""
    from difftopk import TopKCrossEntropyLoss

    torch.set_default_dtype(dtype)
    settings = {key: row[key] for key in ("distribution", "art_lambda") if row[key] is not None}
    settings |= {"p_k": case["p_k"], "n": row["n"], "m": row["m"], "top1_mode": row["top1_mode"]}
    loss_fn = TopKCrossEntropyLoss(diffsort_method=row["method"], inverse_temperature=row["beta"], **settings)
    if hasattr(loss_fn, "top_k_net"):
        network = loss_fn.top_k_net.sorting_network
        loss_fn.top_k_net.sorting_network = [tuple(cast(t, dtype) for t in layer) for layer in network]
    logits = torch.tensor(np.array(case["logits"], np.float32)).to(dtype).requires_grad_()
    loss = loss_fn(logits, torch.tensor(case["target"]))
    loss.backward()
    return loss.item(), logits.grad.double().numpy().ravel()


def cast(table, dtype):
    return table.to(dtype) if table.is_floating_point() else table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace the stored values")
    options = parser.parse_args()
    stand_in_for_torch_sparse()
    stored = dict(np.load(STORE))
    rows, cases = json.loads(str(stored["rows"])), json.loads(str(stored["cases"]))
    for bits, dtype in ((32, torch.float32), (64, torch.float64)):
        found = []
        for row in rows:
            single = row["method"] == "neuralsort"
            found.append(evaluate(row, cases[row["case"]], torch.float32 if single else dtype))
        losses, gradients = np.array([loss for loss, _ in found]), np.concatenate([g for _, g in found])
        apart = [np.abs(new - stored[f"{key}{bits}"]).max() for key, new in (("loss", losses), ("grad", gradients))]
        print(f"float{bits}: loss and gradient differ from the stored ones by at most {apart[0]:.1e}, {apart[1]:.1e}")
        stored |= {f"loss{bits}": losses, f"grad{bits}": gradients.astype(stored[f"grad{bits}"].dtype)}
    if options.write:
        np.savez_compressed(STORE, **stored)


if __name__ == "__main__":
    main()
