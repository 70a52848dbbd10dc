"""Imports go one way: course -> experiments -> library. Read from the source of every module, wherever it imports."""

import ast
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WINGS = ("library", "experiments", "course")
DOOR = "topk_lib.__main__"
"""The command line opens every wing."""
OF_THE_LIBRARY = {"torch", "numpy", "numba", "triton"}

# What still goes the wrong way. These lists may only get shorter: what has been mended has to leave them.
UPWARD: set[tuple[str, str]] = set()
CIRCLES: list[set[str]] = []


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted((ROOT / "topk_lib").rglob("*.py"))}
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


@cache
def imported(module):
    """Full dotted names of all that a module imports, relative ones resolved."""
    return tuple(_imported(module))


def _imported(module):
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            here = module.split(".") if module in PACKAGES else module.split(".")[:-1]
            start = here[: len(here) - node.level + 1] if node.level else []
            yield from (".".join([*start, *filter(None, [node.module]), alias.name]) for alias in node.names)


def module_of(name):
    """The module that a dotted name is, or is defined in."""
    return name if name in MODULES else name.rpartition(".")[0]


@cache
def edges():
    """Pairs of modules of which the first imports the second."""
    pairs = {(module, module_of(name)) for module in MODULES for name in imported(module)}
    return {(module, other) for module, other in pairs if other in MODULES and other != module}


def wing_of(module):
    part = module.split(".")[1:2]
    return part[0] if part and part[0] in WINGS else "library"


def room_of(module):
    """A package or module right below its wing; None for the wing itself."""
    depth = 2 if wing_of(module) == "library" else 3
    parts = module.split(".")
    return ".".join(parts[:depth]) if len(parts) >= depth else None


def circles(graph):
    """Sets of nodes that reach each other."""
    found = []
    reached = {node: _reached_from(node, graph) for node in list(graph)}
    for node in graph:
        circle = {other for other in reached[node] if node in reached.get(other, ())}
        if circle and circle not in found:
            found.append(circle)
    return found


def _reached_from(node, graph):
    seen, todo = set(), [node]
    while todo:
        for other in graph.get(todo.pop(), ()):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def private_of_another(module, name):
    """Whether a dotted name has a part with an underscore that belongs to a package which the module is not in."""
    parts = name.split(".")
    for i, part in enumerate(parts):
        owner = ".".join(parts[:i])
        if part.startswith("_") and not part.startswith("__"):
            inside = module == owner or (owner in PACKAGES and module.startswith(f"{owner}."))
            if not inside:
                return True
    return False


def test_all_modules_are_read():
    assert len(MODULES) > 200 and {"topk_lib", DOOR, "topk_lib.course", "topk_lib.propagate.plain"} <= set(MODULES)
    assert ("topk_lib.losses.base", "topk_lib.masks") in edges()
    assert ("topk_lib.course.doctor", "topk_lib.propagate.backends") in edges()  # inside a function


def test_no_wing_imports_one_above_it():
    upward = {
        (module, other)
        for module, other in edges()
        if WINGS.index(wing_of(other)) > WINGS.index(wing_of(module)) and module != DOOR
    }
    assert upward == UPWARD


def test_the_library_imports_torch_and_numpy_and_what_compiles():
    for module in (module for module in MODULES if wing_of(module) == "library"):
        others = {name.split(".")[0] for name in imported(module)} - set(sys.stdlib_module_names)
        assert others <= OF_THE_LIBRARY | {"topk_lib"}, module


def test_no_module_imports_what_another_package_calls_its_own():
    assert [
        (module, name)
        for module in MODULES
        for name in imported(module)
        if name.startswith("topk_lib.") and private_of_another(module, name)
    ] == []


@pytest.mark.parametrize("wing", WINGS)
def test_rooms_of_a_wing_import_each_other_in_no_circle(wing):
    graph = defaultdict(set)
    for module, other in edges():
        rooms = room_of(module), room_of(other)
        if wing_of(module) == wing_of(other) == wing and all(rooms) and rooms[0] != rooms[1] and module != DOOR:
            graph[rooms[0]].add(rooms[1])
    known = [circle for circle in CIRCLES if wing_of(min(circle)) == wing]
    assert sorted(map(sorted, circles(graph))) == sorted(map(sorted, known))


def test_circles_and_private_names_are_seen():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}}) == [{"a", "b", "c"}]
    assert private_of_another("topk_lib.course.doctor", "topk_lib.experiments.record._row")
    assert private_of_another("topk_lib.sorters.base", "topk_lib.sorters.network._table")
    assert not private_of_another("topk_lib.course.doctor", "topk_lib._validate")
    assert not private_of_another("topk_lib.course.doctor", "topk_lib.__version__")
