"""Reports: tables come from records, stand between markers, and README and docs agree with them."""

import json
import shutil

import pytest

from topk_lib.__main__ import main
from topk_lib.experiments import results as records
from topk_lib.experiments.grids.grid_results import summarize
from topk_lib.experiments.report import command, run_tables
from topk_lib.experiments.report.markdown import fill, names, table, vector
from topk_lib.experiments.report.pictures import pictures
from topk_lib.experiments.report.registry import TABLES, table_text

from .training.test_grid_results import folder

ROOT = records.REPOSITORY
PICTURES = [path.as_posix() for path, _, _ in pictures()]
PAGES = [path.as_posix() for path in command.PAGES]
EVIDENCE = "docs/evidence.md"


def run(*words):
    return main(["report", *map(str, words)])


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of pages, pictures and records that a test may change."""
    for name in (*PAGES, *PICTURES):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "data" / "results", tmp_path / "data" / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def change(path, edit):
    record = json.loads(path.read_text(encoding="utf-8"))
    edit(record)
    path.write_text(json.dumps(record), encoding="utf-8")


def test_pages_and_pictures_agree_with_the_records(capsys):
    assert run("--check") == 0, capsys.readouterr().out
    assert "agree" in capsys.readouterr().out
    tables = [name for page in PAGES for name in names((ROOT / page).read_text(encoding="utf-8"))]
    assert {"single-runs", "how-fast", "bench"} <= set(tables) and len(tables) == len(set(tables))


def test_a_changed_record_is_reported_and_then_written_into_page_and_picture(project, capsys):
    changed = project / "data" / "results" / "synthetic100-ce.json"
    change(changed, lambda record: record["final"].update(top1=0.777))
    before = (project / EVIDENCE).read_text(encoding="utf-8")
    assert run("--check", "--root", project) == 1
    said = capsys.readouterr().out
    assert f"--- {EVIDENCE}" in said and "--- README.md" not in said
    assert "-| synthetic100, cross-entropy | 56." in said and "+| synthetic100, cross-entropy | 77.7 %" in said
    assert "docs/comparison.png shows other numbers" in said
    assert (project / EVIDENCE).read_text(encoding="utf-8") == before
    assert run("--root", project) == 0
    assert capsys.readouterr().out == f"rewritten: {EVIDENCE}\nredrawn: docs/comparison.png\n"
    assert run("--check", "--root", project) == 0
    after = (project / EVIDENCE).read_text(encoding="utf-8")
    assert "cross-entropy | 77.7 %" in after and after.count("\n") == before.count("\n")


@pytest.mark.parametrize(
    ("page", "name"), [("README.md", "gains"), ("docs/benchmarks.md", "bench"), (EVIDENCE, "cifar100")]
)
def test_a_page_that_was_edited_by_hand_is_found_and_mended(page, name, project, capsys):
    text = (project / page).read_text(encoding="utf-8")
    row = table_text(name).splitlines()[2]
    assert text.count(row) == 1
    (project / page).write_text(text.replace(row, "| 99.9 % |"), encoding="utf-8")
    assert run("--check", "--root", project) == 1
    assert f"--- {page}" in (said := capsys.readouterr().out) and "-| 99.9 % |" in said
    assert run("--root", project) == 0
    assert capsys.readouterr().out == f"rewritten: {page}\n"
    assert (project / page).read_text(encoding="utf-8") == text


def test_a_page_that_is_missing_is_named(project, capsys):
    (project / EVIDENCE).unlink()
    assert run("--root", project) == 2
    assert "evidence.md" in capsys.readouterr().err


def test_what_is_up_to_date_is_not_touched(project, capsys):
    before = [(project / name).stat().st_mtime_ns for name in (*PAGES, *PICTURES)]
    assert run("--root", project) == 0 and capsys.readouterr().out == ""
    assert [(project / name).stat().st_mtime_ns for name in (*PAGES, *PICTURES)] == before


@pytest.mark.parametrize(("lesson", "tables"), [(7, ("when-it-helps", "every-condition")), (8, ("cifar10-sizes",))])
def test_the_tables_of_a_lesson_are_printed(lesson, tables, capsys):
    assert run("--lesson", lesson) == 0
    assert capsys.readouterr().out == "\n\n".join(f"{name}\n\n{table_text(name)}" for name in tables) + "\n"


@pytest.mark.parametrize(
    ("words", "said"), [(("--table", "x"), "table must be one of 'single-runs'"), (("--lesson", 3), "--lesson must be")]
)
def test_what_does_not_exist_is_refused(words, said, capsys):
    assert run(*words) == 2 and said in capsys.readouterr().err


def test_every_table_can_be_made():
    for name in TABLES:
        assert table_text(name)


def test_markers_enclose_lines_or_a_part_of_a_line():
    text = "a <!-- report: n -->1<!-- /report --> b\n<!-- report: t -->\nold\n<!-- /report -->\n"
    new = fill(text, {"n": "22", "t": "x\ny"}.__getitem__)
    assert new == "a <!-- report: n -->22<!-- /report --> b\n<!-- report: t -->\nx\ny\n<!-- /report -->\n"
    assert names(new) == ["n", "t"] and fill(new, {"n": "22", "t": "x\ny"}.__getitem__) == new


@pytest.mark.parametrize("text", ["<!-- report: n --> open", "closed <!-- /report -->"])
def test_a_marker_without_its_partner_is_an_error(text):
    with pytest.raises(ValueError, match="a marker stands alone"):
        fill(text, str)


def test_a_grid_shows_accuracies_of_cross_entropy_and_gains_of_the_others(tmp_path, project):
    assert "not run; `python -m topk_lib compare --grid data/grids/none.toml" in run_tables.grid("none")
    record = summarize(folder(tmp_path / "runs"), "")
    (project / "data" / "results" / "none.json").write_text(json.dumps(record))
    lines = run_tables.grid("none").splitlines()
    assert len(lines) == 2 + 4
    assert lines[2].startswith("| few, cross-entropy | 51.3 ± 3.8 % |") and lines[3].startswith("| few, even | +2.7 ± ")


def test_the_paper_slot_is_empty_until_somebody_runs_it(project):
    text = table_text("cifar100")
    assert text.count("not run") == 2 and "11 minutes expected on NVIDIA H100" in text and "--recipe paper" in text
    source = json.loads((project / "data" / "results" / "cifar10-ce.json").read_text(encoding="utf-8"))
    final = {"top1": 0.6, "top2": 0.7, "top3": 0.8, "top5": 0.9}
    made = source | {"final": final, "train_seconds": 7200.0}
    (project / "data" / "results" / "cifar100-paper.json").write_text(json.dumps(made))
    text = table_text("cifar100")
    assert text.count("not run") == 1 and "| top-k loss | 60.0 % | 70.0 % | 80.0 % | 90.0 % | 2.0 h, " in text


def test_expected_time_follows_from_a_recorded_epoch_of_the_same_network_and_recipe():
    record = records.read_result(run_tables.EPOCH)
    assert record["config"]["model"] == "resnet18" and record["config"]["recipe"] == "paper"
    assert record["data"]["train_images"] == 50_000 and record["epochs"][0]["images"] >= 0.95 * 50_000 - 128
    assert run_tables.expected_seconds(record) == pytest.approx(200 * record["train_seconds"])
    assert run_tables.expected_seconds(record | {"epochs": 2 * record["epochs"]}) == pytest.approx(
        100 * record["train_seconds"]
    )


def test_the_table_of_the_gpu_reads_its_record_or_says_how_to_make_it(project):
    lines = table_text("bench-gpu").splitlines()
    record = records.read_result("bench-gpu")
    bitonic = next(line for line in lines if line.startswith("| bitonic, B = 128, n = 100 |"))
    row = next(row for row in record["rows"] if (row["sorter"], row["batch"], row["classes"]) == ("bitonic", 128, 100))
    assert f"{row['kernels']['plain']:,} kernels" in bitonic and f"{row['kernels']['compiled']} kernels" in bitonic
    assert "no step makes the processor wait" in lines[-1] and record["machine"]["device_name"] in lines[-1]
    row["waits"]["compiled"], row["left_out"]["difftopk"] = True, "CUDA out of memory"
    del row["seconds"]["difftopk"]
    (project / "data" / "results" / "bench-gpu.json").write_text(json.dumps(record))
    text = table_text("bench-gpu")
    assert "some steps make" in text and "out of reach" in text
    (project / "data" / "results" / "bench-gpu.json").unlink()
    assert "python -m tests.benchmarks.gpu" in table_text("bench-gpu")


def test_markdown_writes_numbers_as_the_paper_does():
    assert vector([0.5, 0, 0, 0, 0.5]) == "[.5, 0, 0, 0, .5]" and vector([1.0]) == "[1]"
    assert table(("a", "b"), [("1", "")]) == "| a | b |\n|---|---|\n| 1 | |"


def test_a_picture_without_a_description_is_redrawn(project):
    from PIL import Image

    Image.new("RGB", (4, 4)).save(project / "docs" / "comparison.png")
    assert list(command.differing(project))
    command.update(project)
    assert not list(command.differing(project))


def test_without_a_record_a_benchmark_table_names_the_command(project):
    (project / "data" / "results" / "bench.json").unlink(missing_ok=True)
    assert table_text("bench") == "| bench |\n|---|\n| not run; `make bench` |"
    assert "| CPU | not run; `make bench` | | |\n| GPU, bitonic" in table_text("how-fast")
    assert [path.name for path, _, _ in pictures()] == ["comparison.png"]


def test_the_short_tables_say_what_the_long_ones_say():
    long = {line.split("|")[1].strip(): line for line in table_text("bench").splitlines() if line.startswith("|")}
    gpu = {line.split("|")[1].strip(): line for line in table_text("bench-gpu").splitlines() if line.startswith("|")}
    lines = table_text("how-fast").splitlines()[2:]
    assert len(lines) == 4
    for line in lines:
        case, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        device, _, case = case.partition(", ")
        whole = {"CPU": long, "GPU": gpu}[device][case]
        assert all(f"| {cell} |" in whole or f"| {cell}, " in whole for cell in cells), line
    assert f"| {table_text('training-step')} |" in table_text("bench-training").splitlines()[-1]
    gains = [line.split("|")[2:4] for line in table_text("gains").splitlines()[2:]]
    points, photographs = table_text("when-it-helps"), table_text("cifar10-sizes")
    assert len(gains) == 4 and all(f"|{top1}|{top5}|" in points for top1, top5 in gains[:2])
    for top1, top5 in gains[2:]:
        assert any(f"|{top1}|" in line and f"|{top5}|" in line for line in photographs.splitlines())
