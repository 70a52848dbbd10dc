"""Small files in CIFAR's official layout, as Python 2 and Python 3 pickle them."""

import io
import pickle
import struct
import tarfile

import numpy as np

FOLDERS = {"cifar10": "cifar-10-batches-py", "cifar100": "cifar-100-python"}
ARCHIVES = {"cifar10": "cifar-10-python.tar.gz", "cifar100": "cifar-100-python.tar.gz"}


class Python2Pickler(pickle._Pickler):
    """Writes str and bytes alike as Python 2 strings, and numpy under the name it had then."""

    dispatch = pickle._Pickler.dispatch.copy()

    def save_string(self, value):
        content = value.encode("latin1") if isinstance(value, str) else value
        short = len(content) < 256
        self.write(b"U" + bytes([len(content)]) if short else b"T" + struct.pack("<i", len(content)))
        self.write(content)

    dispatch[str] = dispatch[bytes] = save_string


def python2(entries):
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(entries)
    return stream.getvalue().replace(b"numpy._core", b"numpy.core")


def python3(protocol):
    return lambda entries: pickle.dumps(entries, protocol)


def batch(rows, seed, **labels):
    """The dict of one batch: rows of random pixels and the given label lists (numbers of classes)."""
    rng = np.random.default_rng(seed)
    data = rng.integers(0, 256, (rows, 3072), dtype=np.uint8)
    # Every class in turn, so that few rows suffice to see them all.
    lists = {key: [int(i) for i in (np.arange(rows) + seed) % classes] for key, classes in labels.items()}
    return {"data": data, "filenames": [f"image_{i}.png" for i in range(rows)], **lists}


def entries(name):
    """{file: dict} of a small CIFAR-10 (5 x 20 + 20 images) or CIFAR-100 (200 + 100)."""
    if name == "cifar10":
        batches = {f"data_batch_{i}": batch(20, i, labels=10) for i in range(1, 6)}
        meta = {"label_names": [f"class {i}" for i in range(10)], "num_vis": 3072}
        return {"batches.meta": meta, **batches, "test_batch": batch(20, 9, labels=10)}
    files = {"train": batch(200, 0, fine_labels=100), "test": batch(100, 1, fine_labels=100)}
    for content in files.values():
        content["coarse_labels"] = [fine // 5 for fine in content["fine_labels"]]
    names = {"fine_label_names": [f"fine {i}" for i in range(100)]}
    return {"meta": {**names, "coarse_label_names": [f"coarse {i}" for i in range(20)]}, **files}


def write_folder(parent, name, dump=python2, content=None):
    folder = parent / FOLDERS[name]
    folder.mkdir(parents=True)
    for file, values in (content or entries(name)).items():
        (folder / file).write_bytes(values if isinstance(values, bytes) else dump(values))
    return folder


def write_archive(parent, name, dump=python2, content=None, prefix=None, ending=".tar.gz"):
    path = parent / ARCHIVES[name].replace(".tar.gz", ending)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w" if ending == ".tar" else "w:gz") as archive:
        for file, values in (content or entries(name)).items():
            data = values if isinstance(values, bytes) else dump(values)
            member = tarfile.TarInfo((prefix or FOLDERS[name] + "/") + file)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path
