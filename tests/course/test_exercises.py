"""Every exercise: the stub is not an answer, the solution is one, and each usual mistake is called by its name."""

import inspect
import re

import numpy as np
import pytest
import torch

from topk_lib.course import check, hint, solution
from topk_lib.course.attempt import MOST_PRINTED
from topk_lib.course.checks import Checks, Instead
from topk_lib.course.exercises import exercise, exercise_cells, exercises, grade, solution_source, stub, task_markdown
from topk_lib.course.lessons import LESSONS

from .answers import WRONG
from .notebooks.nbval_run import write_executed

IDS = list(exercises())
ENDLESS = []
ENDLESS.append(ENDLESS)
PLANTED = [(id, mistake) for id in WRONG for mistake in WRONG[id]]


@pytest.fixture(params=IDS)
def id(request):
    return request.param


def run(source, id):
    """The exercise's function as the source defines it, in a name space of its own."""
    space = {"torch": torch}
    exec(compile(source, "a notebook cell", "exec"), space)
    return space[exercise(id).reference.__name__]


def returning(value):
    return lambda *arguments: value


def test_stub_is_not_attempted_yet(id, capsys):
    report = grade(id, run(stub(id), id))
    assert not report.attempted and not report.passed and report.lines == ()
    check(id, run(stub(id), id))
    printed = capsys.readouterr().out
    assert "not attempted yet" in printed and printed.count("\n") == 1


def test_stub_and_solution_share_signature_and_docstring(id):
    handed_out, worked = run(stub(id), id), run(solution_source(id), id)
    assert inspect.signature(handed_out) == inspect.signature(worked)
    assert handed_out.__doc__ == worked.__doc__


def test_displayed_solution_passes_every_property_with_the_imports_it_shows(id, capsys):
    solution(id)
    space = {}
    exec(capsys.readouterr().out, space)
    report = grade(id, space[exercise(id).reference.__name__])
    assert report.passed, str(report)
    assert report.mistake is None and "Well done" in str(report)


@pytest.mark.parametrize(("id", "mistake"), PLANTED)
def test_planted_mistake_is_named(id, mistake):
    report = grade(id, WRONG[id][mistake])
    assert not report.passed
    assert report.mistake is not None, str(report)
    assert report.mistake == mistake
    assert f"Recognised: {mistake}. {exercise(id).messages[mistake]}" in " ".join(str(report).split())


def test_every_mistake_is_planted_once(id):
    assert list(exercise(id).mistakes) == list(exercise(id).messages) == list(WRONG[id])


def test_every_property_fails_for_some_wrong_answer(id):
    """A property that no wrong answer ever breaks checks nothing."""
    answers = [*WRONG[id].values(), returning(0.0), returning(1.0), returning(float("nan")), returning(None)]
    failed = {line.text for answer in answers for line in grade(id, answer).lines if not line.holds}
    assert failed == set(exercise(id).properties)


def test_reports_are_the_same_each_time_and_leave_random_numbers_alone(id):
    for answer in (exercise(id).reference, *WRONG[id].values()):
        reports = []
        for seed in (1, 99):
            before = torch.manual_seed(seed).get_state()
            reports.append(str(grade(id, answer)))
            assert torch.equal(torch.get_rng_state(), before)
        assert reports[0] == reports[1]


class Mimosa:
    """Ends whatever is done with it, and not by an Exception."""

    def __getattribute__(self, name):
        raise SystemExit(name)

    __len__ = __float__ = __bool__ = __iter__ = __eq__ = lambda self, *other: self.touched
    __hash__ = None


class MimosaTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *call, **more):
        raise GeneratorExit


class Mute(Exception):
    """Cannot even say what it is."""

    def __str__(self):
        raise ValueError


class Beyond(BaseException):
    """No Exception, as SystemExit and GeneratorExit are none."""


STRANGE = {
    "nothing": None,
    "a word": "0.5",
    "a list of unequal rows": [[0.1, 0.2], [0.3]],
    "unequal tensors": [torch.zeros(2), torch.zeros(3)],
    "a dictionary": {"P": 1},
    "not a number": float("nan"),
    "a matrix of nan": torch.full((6, 6), torch.nan),
    "infinity": float("inf"),
    "an empty tensor": torch.empty(0),
    "complex numbers": torch.zeros(6, 6, dtype=torch.complex64),
    "a sparse tensor": torch.eye(6).to_sparse(),
    "a tensor without data": torch.empty(6, 6, device="meta"),
    "an object": object(),
    "a huge number": 10**400,
    "minus one": -1,
    "zero": np.float64(0),
    "an array of words": np.array(["a", "b"]),
    "an array": np.zeros((6, 6)),
    "True": True,
    "an object that ends what touches it": Mimosa(),
    "a tensor that ends what touches it": torch.zeros(6, 6).as_subclass(MimosaTensor),
    "a list that holds itself": ENDLESS,
}


def test_no_returned_value_raises(id):
    for name, value in STRANGE.items():
        report = grade(id, returning(value))
        assert not report.passed and any(line.found for line in report.lines), name
        assert re.search(r"0x[0-9a-f]{4}", str(report)) is None, name


def crash(error):
    def function(*arguments):
        raise error

    return function


CRASHES = [ValueError("bad luck"), KeyError("x"), RecursionError(), ZeroDivisionError("by 0")]
CRASHES += [SystemExit("bye"), SystemExit(), GeneratorExit(), Beyond("the pale")]


def test_crash_of_the_answer_is_a_line_with_type_and_message(id):
    for error in CRASHES:
        report = grade(id, crash(error))
        assert report.attempted and not report.passed and report.mistake is None
        assert f"your function raised {type(error).__name__}" in str(report) and str(error) in str(report)
        assert "(line 2 of function)" in str(report)
        assert [line.found for line in report.lines[1:]] == ["the same error"] * (len(report.lines) - 1)
        assert "Mend the error first" in str(report)


def test_crash_message_is_one_short_line_without_addresses():
    message = "an object at 0x7f0012345678 is " + "very " * 100 + "long\nand goes on"
    found = grade("0.1", crash(ValueError(message))).lines[0].found
    assert "an object at 0x… is very" in found and "goes on" not in found and len(found) < 200


def test_interrupting_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        grade("0.1", crash(KeyboardInterrupt()))


def test_an_exception_that_cannot_be_read_is_named():
    assert "your function raised Mute (line 2 of function)" in str(grade("0.1", crash(Mute())))


def test_exit_ends_neither_the_check_nor_the_kernel(tmp_path):
    """A kernel's own exit() raises nothing: it ends the kernel a moment after the cell."""
    call = "def f(*arguments):\n    {}()\ncheck('2.1', f)"
    later = "import time; time.sleep(0.5)\nprint('still here')"
    cells = ["from topk_lib.course import check", call.format("exit"), call.format("quit"), later]
    _, *called, last = write_executed(tmp_path / "exit.ipynb", cells).cells
    assert all("your function raised SystemExit (line 2 of f)" in cell.outputs[0].text for cell in called)
    assert last.outputs[0].text == "still here\n"


def test_of_what_an_answer_prints_the_beginning_is_shown(capsys):
    def function(P, label, p_k):
        print("once", "y" * size)
        return 0.5

    for size, shown in ((10, 10), (10**6, MOST_PRINTED - len("once "))):
        check("0.2", function)
        printed = capsys.readouterr().out
        assert printed.startswith("once yyyyyyyyyy") and printed.split("Exercise 0.2")[0].count("yy") >= shown // 2
        assert ("characters more that your function printed, left out here." in printed) == (size > 10)
        assert len(printed) < 2 * MOST_PRINTED and "properties hold" in printed


def test_not_implemented_error_of_torch_is_a_crash_and_not_a_stub():
    def function(scores, temperature):
        return torch.nn.Module()(scores)

    report = grade("2.1", function)
    assert report.attempted and "your function raised NotImplementedError: Module [Module]" in str(report)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "your function returned None: does its last line say return?"),
        (torch.zeros(6), "your function returned shape (6,), expected a tensor of shape (6, 6)"),
        (torch.zeros(6, 6, dtype=torch.cfloat), "your function returned complex numbers, expected a tensor"),
        ("0.5", "your function returned a str, expected a tensor of shape (6, 6)"),
        ([torch.zeros(6), torch.zeros(2)], "your function returned a list of unequal parts, expected a tensor"),
    ],
)
def test_unreadable_answer_is_described(value, words):
    assert words in " ".join(str(grade("2.1", returning(value))).split())


def test_number_in_place_of_a_truth_value_is_described():
    assert "your function returned 0.5, expected True or False" in str(grade("2.3", returning(0.5)))
    assert "returned shape (1,), expected a single number" in str(grade("2.3", returning(torch.zeros(1))))


def test_result_instead_of_function_is_explained():
    for id in IDS:
        report = grade(id, torch.zeros(6, 6))
        assert not report.passed and "without brackets; it got a Tensor" in str(report)


def test_function_that_changes_its_arguments_does_no_harm():
    def is_doubly_stochastic(P, tol):
        verdict = exercise("2.3").reference(P, tol)
        P.zero_()
        return verdict

    def mixed_accuracy(ranks, p_k):
        answer = exercise("1.3").reference(ranks, p_k)
        ranks.clear(), p_k.clear()
        return answer

    for _ in range(2):
        assert grade("2.3", is_doubly_stochastic).passed
        assert grade("1.3", mixed_accuracy).passed


def test_answers_may_be_arrays_lists_or_lists_of_rows():
    reference = exercise("2.1").reference
    for convert in (torch.Tensor.numpy, torch.Tensor.tolist, list, lambda P: [row.numpy() for row in P]):
        assert grade("2.1", lambda s, t, convert=convert: convert(reference(s, t))).passed
    assert grade("2.1", lambda s, t: reference(s.requires_grad_(), t)).passed


def test_endless_search_is_stopped():
    def find_temperature(probability, goal):
        while probability(1.0) != goal:
            pass

    assert "probability was called 500 times" in str(grade("2.4", find_temperature))


def test_report_lines_are_aligned_and_fit_a_projector(id):
    for answer in (exercise(id).reference, *WRONG[id].values(), crash(ValueError("no"))):
        heading, *lines = str(grade(id, answer)).splitlines()
        assert re.fullmatch(rf"Exercise {id} \(.+\): (all|\d of) \d properties hold", heading)
        assert all(len(line) <= 100 for line in lines)
        marked = [line for line in lines if line.startswith("  [")]
        assert all(re.match(r"  \[(ok|no)\] \S", line) for line in marked)
        assert len(marked) == len(exercise(id).properties)


def test_report_of_a_failure_says_what_was_found_and_where_help_is():
    text = str(grade("2.1", lambda scores, temperature: torch.eye(len(scores))))
    assert "row by row: cat, fox, ship, dog, car, wolf; expected fox, wolf, dog, cat, car, ship" in text
    assert "the six scores at temperature 0.3: entry [5, 5] is 1.000, expected " in " ".join(text.split())
    assert 'run hint("2.1")' in text


def test_wrong_solutions_without_cases_are_refused():
    """Compared in no case at all, every answer would show every mistake."""
    with pytest.raises(ValueError, match=r"cases must not be empty .*, got \(\)"):
        Checks(reference=len, properties={}, mistakes={"a wrong one": max})


def halved(x):
    """Half of x."""
    return x / 2


def test_a_mistake_may_be_the_worked_solution_with_pieces_written_otherwise():
    assert Instead("x / 2", "2 * x").of(halved)(3) == 6
    assert Instead("return", "y = 2 * x;", "x / 2", "return y").of(halved)(3) == 6


@pytest.mark.parametrize(("piece", "times"), [("x / 3", 0), ("x", 3)])
def test_a_piece_that_the_worked_solution_does_not_have_once_is_refused(piece, times):
    with pytest.raises(ValueError, match=f"'{piece}' must occur once in halved, got {times} times"):
        Checks(reference=halved, properties={}, mistakes={"a wrong one": Instead(piece, "1")}, cases=[(1,)])


def test_a_piece_with_nothing_in_its_place_is_refused():
    with pytest.raises(ValueError, match=r"pieces must come in pairs, got \('x',\)"):
        Instead("x")


# ---- what is declared ----


def test_ids_belong_to_their_lesson_and_are_unique():
    declared = [(number, e.id) for number, lesson in LESSONS.items() for e in lesson.exercises]
    assert len({id for _, id in declared}) == len(declared) == len(exercises())
    for number, lesson in LESSONS.items():
        assert [e.id for e in lesson.exercises] == [f"{number}.{i}" for i in range(1, len(lesson.exercises) + 1)]


def test_exercise_is_complete(id):
    found = exercise(id)
    assert found.title and found.difficulty and 3 <= found.minutes <= 20
    assert 2 <= len(found.requirements) <= 5 and 2 <= len(found.hints) <= 3
    assert len(found.properties) >= 4 and len(found.mistakes) >= 3
    for text in (found.task, found.why, found.takeaway, *found.requirements, *found.hints):
        assert text[0].isupper() or text[0] in "`'0123456789"
        assert text.rstrip().endswith((".", "?"))
    for name, message in found.messages.items():
        assert message.endswith(".") and len(name.split()) <= 6


def test_hints_do_not_give_the_solution_away(id):
    squeezed = re.sub(r"\s", "", " ".join(exercise(id).hints))
    body = stub(id).splitlines()
    code = [line for line in solution_source(id).splitlines() if line not in body and "import" not in line]
    statements = [re.sub(r"\s", "", line) for line in code if len(line.split()) > 1]
    assert statements and not [s for s in statements if s in squeezed]


def test_hints_lead_on_to_the_next_and_then_to_the_solution(id, capsys):
    hints = exercise(id).hints
    for level in range(1, len(hints) + 1):
        hint(id, level)
        printed = capsys.readouterr().out
        assert hints[level - 1] in " ".join(printed.split())
        following = f'hint("{id}", {level + 1})' if level < len(hints) else f'solution("{id}")'
        assert printed.rstrip().endswith(following)
    with pytest.raises(ValueError, match=f"level must be between 1 and {len(hints)}, got {len(hints) + 1}"):
        hint(id, len(hints) + 1)


def test_task_names_the_function_time_and_numbered_requirements(id):
    text, found = task_markdown(id), exercise(id)
    assert text.startswith(f"### Exercise {id}: {found.title}\n")
    assert f"`{found.reference.__name__}(" in text and f"about {found.minutes} minutes" in text
    assert re.findall(r"^(\d)\. ", text, re.MULTILINE) == [str(i + 1) for i in range(len(found.requirements))]
    assert text.count("$") % 2 == 0 and text.count("`") % 2 == 0 and text.count("**") % 2 == 0


def test_cells_of_a_notebook_run_in_order(id, capsys):
    for worked, said in ((False, "not attempted yet"), (True, "Well done")):
        (kind, task), *code = exercise_cells(id, worked)
        assert kind == "markdown" and task == task_markdown(id) and [k for k, _ in code] == ["code", "code"]
        space = {"torch": torch, "check": check}
        for _, source in code:
            exec(source, space)
        assert said in capsys.readouterr().out


@pytest.mark.parametrize("call", [check, grade])
def test_unknown_exercise_is_refused_by_name(call):
    with pytest.raises(ValueError, match=r"id must be one of '0\.1', .*, got '7\.7'"):
        call("7.7", len)
