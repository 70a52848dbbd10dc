"""The files around the library agree with each other, and importing the library stays light."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10, where pytest itself brings the same reader
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
HEAVY = ("matplotlib", "tqdm", "PIL", "ipywidgets", "IPython", "pytest")


def bounds(requirements):
    """{name: bounds} of requirement lines; the kit's own extras are left out, as are conditions, which conda lacks."""
    found = {}
    for line in (requirement.partition(";")[0] for requirement in requirements):
        name, bound = re.fullmatch(r"([\w.-]+)(?:\[[\w,]*\])?\s*(.*)", line.strip()).groups()
        if name != PROJECT["name"]:
            assert name not in found, f"{name} is listed twice"
            found[name] = bound.replace(" ", "")
    return found


def pip_requirements():
    """Those of the library and of all extras but bench, other people's libraries, and types, which `make lint` adds."""
    extras = [lines for name, lines in PROJECT["optional-dependencies"].items() if name not in ("bench", "types")]
    return bounds([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])


def conda_requirements(text):
    """{name: bounds} of an environment file, names as pip spells them, without `python`, `pip` and `.`."""
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if line.strip().startswith("- ")]
    own = {"conda-forge", "pip", "pip:", "-e ."}
    found = bounds(line for line in lines if line not in own and not line.startswith("python>"))
    return {CONDA_NAMES.get(name, name): bound for name, bound in found.items()}


def test_conda_and_pip_list_the_same_requirements():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert conda_requirements(text) == pip_requirements()
    assert f"- python{PROJECT['requires-python']}\n" in text


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("numpy>=1.26", "numpy>=1.25"), ("  - tqdm>=4.65\n", ""), ("nbval>=0.11", "nbval>=0.11\n  - scipy")],
    ids=["bound", "missing", "extra"],
)
def test_a_difference_between_conda_and_pip_is_seen(was, becomes):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert was in text
    assert conda_requirements(text.replace(was, becomes)) != pip_requirements()


def test_the_library_alone_needs_torch_and_numpy():
    assert bounds(PROJECT["dependencies"]) == {"torch": ">=2.4", "numpy": ">=1.26"}


def test_importing_the_library_is_light_and_silent():
    code = (
        "import sys, torch; torch_alone = set(sys.modules); import topk_lib; "
        f"sys.exit(' '.join({set(HEAVY)} & set(sys.modules) - torch_alone) or 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_the_library_says_that_it_is_typed():
    assert (ROOT / "topk_lib" / "py.typed").is_file()
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["topk_lib"]


def test_checkers_are_pinned_and_ruff_alike_everywhere():
    (ruff,), (pyright,) = (PROJECT["optional-dependencies"][name] for name in ("lint", "types"))
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.fullmatch(r"pyright\[nodejs\]==\d+\.\d+\.\d+", pyright)
    assert re.fullmatch(r"ruff==\d+\.\d+\.\d+", ruff)
    assert set(re.findall(r"ruff==[\d.]+", hooks)) == {ruff}


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in citation
    library = (ROOT / "topk_lib" / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{version}"' in library
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE).group(1) == version


def test_the_licence_is_mit():
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("MIT License\n") and "topk_lib authors" in licence
    assert PROJECT["license"] == "MIT" and PROJECT["license-files"] == ["LICENSE"]
