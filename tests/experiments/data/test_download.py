"""Downloads resume, survive every kind of bad server, and never leave a wrong file under the right name."""

import dataclasses
import errno
import hashlib
import random
import shutil
import sys
import time

import pytest

from topk_lib.experiments.data import cifar, download, load
from topk_lib.experiments.data.download import DownloadError, fetch

from .lying_server import CUT, LyingServer
from .made_cifar import write_archive, write_folder

CONTENT = random.Random(0).randbytes(300_000)
MD5 = hashlib.md5(CONTENT).hexdigest()
HALF = 150_000
SHORT = 1.5  # seconds: a server that means to answer does so in this time, even on a busy machine


@pytest.fixture(autouse=True)
def local(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(download, "PAUSE", 0)


@pytest.fixture
def server():
    with LyingServer(CONTENT) as running:
        yield running


@pytest.fixture
def target(tmp_path):
    return tmp_path / "new folder" / "file.tar.gz"


def get(server, target, *paths, **options):
    urls = [server.url(path) for path in paths]
    return fetch(urls, target, **{"md5": MD5, "size": len(CONTENT), "progress": False, "timeout": 30, **options})


def begin(target, content=CONTENT[:HALF]):
    target.parent.mkdir(exist_ok=True)
    part(target).write_bytes(content)


def part(target):
    return target.with_name("file.tar.gz.part")


def bad(target):
    return target.with_name("file.tar.gz.bad")


def check(target):
    """The right file under its name, and no remains."""
    assert target.read_bytes() == CONTENT
    assert [path.name for path in target.parent.iterdir()] == ["file.tar.gz"]


def test_a_whole_download(server, target):
    assert get(server, target, "honest") == target
    check(target)
    assert server.ranges == [None]


def test_a_file_that_is_there_is_not_fetched_again(server, target):
    get(server, target, "honest")
    get(server, target, "honest")
    assert len(server.log) == 1


def test_a_kept_part_is_continued_by_range(server, target):
    begin(target)
    get(server, target, "honest")
    check(target)
    assert server.ranges == [f"bytes={HALF}-"]


def test_a_part_that_is_whole_already_needs_no_network(server, target):
    begin(target, CONTENT)
    get(server, target, "honest")
    check(target)
    assert server.log == []


@pytest.mark.parametrize(
    "path",
    [
        "claims-more",
        "claims-less",
        "claims-nothing",
        "endless",
        "ignores-range",
        "refuses-range",
        "other-range",
        "moved",
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_servers_that_can_be_coped_with(server, target, monkeypatch, path, begun):
    monkeypatch.setattr(download, "WORTHWHILE", 1)
    if begun:
        begin(target)
    get(server, target, path)
    check(target)


def test_a_truncating_server_is_asked_again_for_the_rest(server, target, monkeypatch):
    monkeypatch.setattr(download, "WORTHWHILE", CUT)
    get(server, target, "truncates")
    check(target)
    assert server.ranges == [None, *(f"bytes={start}-" for start in range(CUT, len(CONTENT), CUT))]


def test_a_stalling_server_is_asked_again_after_the_time_out(server, target, monkeypatch):
    monkeypatch.setattr(download, "WORTHWHILE", CUT)
    begin(target, CONTENT[: len(CONTENT) - 2 * CUT])
    get(server, target, "stalls", timeout=SHORT)
    check(target)
    assert len(server.log) == 2


@pytest.mark.parametrize("path", ["truncates", "stalls"])
def test_little_progress_moves_on_to_the_next_address_and_keeps_the_part(server, target, path):
    get(server, target, path, "honest", timeout=SHORT)
    check(target)
    assert [path for path, _ in server.log] == [f"/{path}"] * 3 + ["/honest"]
    assert server.ranges[-1] == f"bytes={3 * CUT}-"


@pytest.mark.parametrize("path", ["missing", "web-page", "hangs-up", "talks-nonsense", "silent"])
@pytest.mark.parametrize("begun", [False, True])
def test_useless_addresses_are_passed_over_and_spoil_nothing(server, target, path, begun):
    if begun:
        begin(target)
    get(server, target, path, "honest", timeout=SHORT)
    check(target)
    assert server.ranges == ([f"bytes={HALF}-"] * 2 if begun else [None, None])


@pytest.mark.parametrize("path", ["silent", "stalls"])
def test_the_time_out_is_the_one_asked_for(server, target, path):
    begin(target, CONTENT[: len(CONTENT) - CUT - 1])
    start = time.monotonic()
    get(server, target, path, "honest", timeout=SHORT)
    assert SHORT <= time.monotonic() - start < 4 * SHORT  # the server would wait for ten seconds
    check(target)


def test_a_closed_port_is_passed_over(server, target):
    with LyingServer(b"") as other:
        closed = other.url("honest")
    fetch([closed, server.url("honest")], target, md5=MD5, size=len(CONTENT), progress=False)
    check(target)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("truncates", f"the connection ended early, at {3 * CUT} of 300000 bytes"),
        ("stalls", rf"the connection broke off \(.*timed out\), at {3 * CUT} of 300000 bytes"),
        ("missing", "HTTP 404"),
        ("web-page", "answers with a web page"),
        ("hangs-up", "no answer"),
        ("silent", r"no answer \(.*timed out"),
    ],
)
def test_when_all_fail_the_error_says_why(server, target, path, reason):
    with pytest.raises(DownloadError, match=f"could not download file.tar.gz.*/{path}: {reason}"):
        get(server, target, path, timeout=SHORT)
    assert not target.exists()


def test_what_arrived_is_kept_and_the_error_says_how_to_go_on(server, target):
    with pytest.raises(DownloadError, match=r"\.part holds 60000 of 300000 bytes; run the same command again"):
        get(server, target, "truncates")
    assert part(target).read_bytes() == CONTENT[: 3 * CUT]
    get(server, target, "honest")
    check(target)
    assert server.ranges[-1] == f"bytes={3 * CUT}-"


def test_a_server_that_ignores_ranges_and_fails_does_not_shrink_the_part(server, target):
    begin(target, CONTENT[: HALF + 1000])
    with pytest.raises(DownloadError):
        get(server, target, "ignores-range-and-truncates")
    assert part(target).read_bytes() == CONTENT[: HALF + 1000]


def test_wrong_bytes_are_put_aside_and_both_sums_named(server, target):
    wrong = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    with pytest.raises(DownloadError, match=rf"MD5 is {hashlib.md5(wrong).hexdigest()} instead of {MD5}"):
        get(server, target, "wrong-bytes")
    assert bad(target).read_bytes() == wrong
    assert not target.exists() and not part(target).exists()
    assert len(server.log) == 1


def test_after_wrong_bytes_the_next_address_begins_anew(server, target):
    get(server, target, "wrong-bytes", "honest")
    assert target.read_bytes() == CONTENT and bad(target).exists() and not part(target).exists()
    assert server.ranges == [None, None]


@pytest.mark.parametrize("junk", [b"junk" * 1000, b"x" * 300_000, b"x" * 300_001])
def test_a_spoilt_part_does_not_discredit_an_honest_server(server, target, junk):
    begin(target, junk)
    get(server, target, "honest", progress=True)
    assert target.read_bytes() == CONTENT
    assert bad(target).read_bytes()[:1000] == junk[:1000]
    assert server.ranges[-1] is None


def fail_after(size, error):
    """An ``open`` whose files take so many bytes."""

    def opened(path, mode):
        file = open(path, mode)  # noqa: SIM115
        write = file.write

        def fail(chunk):
            have = file.tell()
            write(chunk[: max(0, size - have)])
            if have + len(chunk) > size:
                raise error

        file.write = fail
        return file

    return opened


@pytest.mark.parametrize("code", [errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)])
def test_a_full_disk_is_a_clear_error_and_the_part_is_kept(server, target, monkeypatch, code):
    with monkeypatch.context() as patch:
        patch.setattr(download, "open", fail_after(100_000, OSError(code, "injected")), raising=False)
        with pytest.raises(
            OSError, match=r"disk is full: .*file\.tar\.gz needs 200000 bytes more.*part holds 100000"
        ) as caught:
            get(server, target, "honest", "honest")
    assert caught.value.errno == errno.ENOSPC and not isinstance(caught.value, DownloadError)
    assert part(target).read_bytes() == CONTENT[:100_000] and not target.exists()
    assert len(server.log) == 1
    get(server, target, "honest")
    check(target)


def test_too_little_room_is_noticed_before_anything_is_fetched(server, target, monkeypatch):
    begin(target)
    usage = shutil.disk_usage(target.parent)._replace(free=HALF - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match=r"disk is full: .*needs 150000 bytes more") as caught:
        get(server, target, "honest")
    assert caught.value.errno == errno.ENOSPC and server.log == []
    usage = usage._replace(free=HALF)
    get(server, target, "honest")
    check(target)


def test_other_write_errors_are_not_called_a_full_disk(server, target, monkeypatch):
    monkeypatch.setattr(download, "open", fail_after(0, OSError(errno.EIO, "broken disk")), raising=False)
    with pytest.raises(OSError, match="broken disk"):
        get(server, target, "honest")


def test_stopping_keeps_the_part_and_says_how_to_go_on(server, target, monkeypatch):
    monkeypatch.setattr(download, "open", fail_after(100_000, KeyboardInterrupt()), raising=False)
    with pytest.raises(
        KeyboardInterrupt, match=r"stopped\. .*part holds 100000 of 300000 bytes; run the same command again"
    ):
        get(server, target, "honest")
    assert part(target).read_bytes() == CONTENT[:100_000]


def test_progress_bar_shows_size_rate_and_remaining_time(server, target, capsys):
    begin(target)
    get(server, target, "honest", progress=True)
    shown = capsys.readouterr().err
    assert "file.tar.gz" in shown and "300k/300k" in shown and "B/s" in shown and "00:00<" in shown
    assert shown.lstrip("\r").startswith("file.tar.gz:  50%")


def test_without_tqdm_the_error_names_the_extra(server, target, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError, match=r'pip install "topk-lib\[train\]"'):
        get(server, target, "honest", progress=True)
    assert server.log == []


def test_no_address_is_an_error(target):
    with pytest.raises(DownloadError, match=r"no address was given.*Nothing was kept"):
        fetch([], target, md5=MD5, size=1, progress=False)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A small CIFAR-10 archive that passes for the official one, on a server that is its second mirror."""
    (tmp_path / "origin").mkdir()
    content = write_archive(tmp_path / "origin", "cifar10").read_bytes()
    edition = dataclasses.replace(
        cifar.EDITIONS["cifar10"],
        archive_md5=hashlib.md5(content).hexdigest(),
        archive_bytes=len(content),
    )
    monkeypatch.setitem(cifar.EDITIONS, "cifar10", edition)
    with LyingServer(content) as server:
        mirrors = [server.url("missing/{archive}"), server.url("honest/{name}/{archive}")]
        monkeypatch.setattr(cifar, "MIRRORS", mirrors)
        yield server


@pytest.mark.filterwarnings("ignore:.*used unverified")
@pytest.mark.parametrize(
    ("place", "file"),
    [("data", "data/cifar-10-python.tar.gz"), ("data/mine.tar.gz", "data/mine.tar.gz")],
)
def test_load_downloads_when_asked_tries_mirrors_in_turn_and_keeps_the_file(tmp_path, published, place, file):
    assert len(load("cifar10", tmp_path / place, download=True).train) == 100
    paths = ["/missing/cifar-10-python.tar.gz", "/honest/cifar10/cifar-10-python.tar.gz"]
    assert [path for path, _ in published.log] == paths
    assert (tmp_path / file).read_bytes() == published.content
    assert len(load("cifar10", tmp_path / place).test) == 20
    assert len(load("cifar10", tmp_path / place, download=True).test) == 20
    assert len(published.log) == 2


@pytest.mark.filterwarnings("ignore:.*used unverified")
def test_load_downloads_what_a_half_extracted_folder_lacks(tmp_path, published):
    (write_folder(tmp_path / "data", "cifar10") / "data_batch_4").unlink()
    assert len(load("cifar10", tmp_path / "data", download=True).train) == 100
    assert len(published.log) == 2


def test_mirrors_are_web_addresses_and_include_the_official_one():
    urls = [mirror.format(name="cifar100", archive="cifar-100-python.tar.gz") for mirror in cifar.MIRRORS]
    assert "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz" in urls
    assert len(set(urls)) >= 3 and all(url.startswith("https://") and "cifar-100-python" in url for url in urls)
