"""The house's rules: who may import whom, who prints, what is never called, how long things are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1] / "derive"

# Each file may import only files above it. A new file gets a row here, and one in DESIGN.md's table.
ROOMS = """
errors
rounding
trees
functions
slopes
quantities
spelling
bars
syntax
folding
expressions
name_patterns
lecture_toml
lecture_cells
lecture_schema
recurrent
lecture_ids
lecture_checks
lecture
lettering
notation
graph
steps
updating
rounds
network
chain
substitution
codegen
training
sharing
layers
printing
terminal
figures
blocks
working
pictures
curves
kinks
layout_pieces
later_layout
graph_layout
layout
tex
diagram
wide
worksheet
engines
texlog
preamble
render
pdf
check/__init__
check/macros
check/segments
check/sheets
check/prints
check/clauses
check/derivatives
check/indicators
check/rounds
check/resolving
check/joining
check/generics
check/drafts
check/reading
check/singles
check/spellings
check/arrays
check/worlds
check/conditions
check/values
check/spans
check/adjoints
check/turning
check/warmups
check/figures
check/changes
check/optimizing
check/slips
check/meanings
check/links
check/literals
check/miswritten
check/putting
check/chains
check/passes
check/expecting
check/candidates
check/setting
check/editing
check/naming
check/judging
check/report
check/marked
classroom/__init__
classroom/csvs
classroom/roster
classroom/answers
classroom/homework
classroom/columns
classroom/grids
classroom/demands
classroom/variants
classroom/codes
classroom/manifest
classroom/figures
classroom/slots
classroom/splitting
classroom/locking
classroom/runs
classroom/sheets
classroom/making
classroom/returned
classroom/marking
classroom/likeness
classroom/workings
classroom/feedback
classroom/grading
api
__init__
tables
options
commands/__init__
commands/mistakes
commands/making
commands/sheets
commands/workings
commands/classes
commands/starting
cli
__main__
""".strip().splitlines()

PRINTS = {"cli", *(room for room in ROOMS if room.startswith("commands/"))}
NEVER_CALLED = {"eval", "exec", "sympify", "S", "parse_expr", "parse_latex", "system", "popen", "breakpoint"}
RUNS = {"codegen": {"exec"}}  # code that we made ourselves, of numbered variables
PRINTING = {"print", "echo", "secho"}
STREAMS = {"sys.stdout", "sys.stderr"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def room(path: Path) -> str:
    return path.relative_to(HOUSE).with_suffix("").as_posix()


FILES = {room(path): path for path in sorted(HOUSE.rglob("*.py"))}
each_file = pytest.mark.parametrize("name", FILES)


def tree(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text(encoding="utf-8"))


def imported(name: str, module: ast.Module) -> Iterator[str]:
    """The rooms that a file imports, wherever in the file it does so."""
    here = ["derive", *name.split("/")]
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            ours = [alias.name.split(".") for alias in node.names]
            yield from (place(dotted) for dotted in ours if dotted[0] == "derive")
        elif isinstance(node, ast.ImportFrom):
            start = here[: len(here) - node.level] if node.level else []
            base = [*start, *(node.module.split(".") if node.module else [])]
            if base[0] == "derive":
                yield from (place(base, alias.name) for alias in node.names)


def place(module: list[str], name: str = "") -> str:
    """The room of a module, or of the name that is imported from it, which may be a module itself."""
    inner = "/".join(module[1:])
    candidates = ["/".join(part for part in (inner, name) if part), inner, f"{inner}/__init__".lstrip("/")]
    return next((room for room in candidates if room in FILES), f"{inner or name} (no such file)")


def called(node: ast.AST) -> str:
    """The last name of what is called: `sympy.sympify(…)` is sympify."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def test_the_house_is_found():
    assert {"errors", "quantities", "pdf"} <= set(FILES)
    imports = [other for name in FILES for other in imported(name, tree(name))]
    assert len(imports) > len(FILES), "the imports are not found any more"


def test_every_file_has_a_room_and_no_room_is_named_twice():
    assert sorted(set(FILES) - set(ROOMS)) == [], "give the file a row in ROOMS and in DESIGN.md"
    assert sorted(ROOMS) == sorted(set(ROOMS))


@each_file
def test_a_file_imports_only_files_above_it(name):
    above = ROOMS[: ROOMS.index(name)] if name in ROOMS else []
    assert [other for other in imported(name, tree(name)) if other not in above] == []


@each_file
def test_only_the_commands_print(name):
    nodes = [] if name in PRINTS else [*ast.walk(tree(name))]
    prints = [node.lineno for node in nodes if called(node) in PRINTING]
    streams = [n.lineno for n in nodes if isinstance(n, ast.Attribute) and ast.unparse(n) in STREAMS]
    assert prints + streams == [], "lines that print"


@each_file
def test_text_from_outside_is_never_run(name):
    calls = [node for node in ast.walk(tree(name)) if isinstance(node, ast.Call)]
    forbidden = NEVER_CALLED - RUNS.get(name, set())
    assert [(call.lineno, called(call)) for call in calls if called(call) in forbidden] == []
    shells = [call.lineno for call in calls for word in call.keywords if word.arg == "shell"]
    assert shells == [], "a shell is never asked for"


@each_file
def test_no_error_is_swallowed_whole(name):
    handlers = [node for node in ast.walk(tree(name)) if isinstance(node, ast.ExceptHandler)]
    caught = [(node.lineno, ast.unparse(node.type) if node.type else "everything") for node in handlers]
    assert [at for at in caught if at[1] in {"everything", "Exception", "BaseException"}] == []


@each_file
def test_files_and_functions_are_short(name):
    lines = len(FILES[name].read_text(encoding="utf-8").splitlines())
    assert lines < LONGEST_FILE
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for node in ast.walk(tree(name)) if isinstance(node, kinds)]
    long = [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno >= LONGEST_FUNCTION]
    assert long == []


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("from derive.errors import InputError", ["errors"]),
        ("from derive import pdf, errors", ["pdf", "errors"]),
        ("def f():\n    import derive.texlog", ["texlog"]),
        ("if TYPE_CHECKING:\n    from derive.engines import Engine", ["engines"]),
        ("from .errors import InputError", ["errors"]),
        ("from ..errors import InputError", ["errors"]),
        ("from . import errors", ["errors"]),
        ("import derive", ["__init__"]),
        ("from derive import lecture_of", ["__init__"]),
        ("from derive.nowhere import x", ["nowhere (no such file)"]),
        ("import os, re", []),
    ],
)
def test_every_way_to_import_is_seen(written, found):
    name = "check/reading" if ".." in written else "pdf"
    assert [*imported(name, ast.parse(written))] == found
