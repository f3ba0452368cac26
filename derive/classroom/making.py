"""A whole class: everybody's sheet and key, all of them for the printer, the answers, the manifest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive.classroom.codes import code
from derive.classroom.csvs import table
from derive.classroom.figures import Sheets
from derive.classroom.grids import class_key
from derive.classroom.homework import Homework, homework
from derive.classroom.locking import alone
from derive.classroom.manifest import NAME, check_same, manifest
from derive.classroom.roster import Student, students
from derive.classroom.runs import SIZE, Failure, Made, Run, mark, set_all, set_text, workers
from derive.classroom.sheets import FIGURES, Style, not_set, run_text
from derive.classroom.splitting import Label, put_together
from derive.classroom.variants import numbers
from derive.errors import PdfError
from derive.lecture import Lecture
from derive.pdf import write_whole

KINDS = {"worksheet": ("sheets", "class.pdf"), "key": ("keys", "keys.pdf")}     # folder, all in one
_PROGRESS = ".progress"     # runs that are done, until all are


@dataclass(frozen=True, slots=True)
class Options:
    """How a class's sheets are made: notation, level, what is left blank, demands not to be met, engine,
    TeX runs at a time, a Dask cluster's address, whether another class in the folder is written over."""

    notation: str | None = None
    level: str | None = None
    style: Style = FIGURES
    relax: tuple[str, ...] = ()
    engine: str | None = None
    workers: int | None = None
    cluster: str | None = None
    force: bool = False


PLAIN = Options()


@dataclass(frozen=True, slots=True)
class Report:
    """What was made: files, remarks for the lecturer, and who got no sheet, with TeX's first error."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]
    failures: tuple[str, ...]


def make_class(lecture: Lecture, roster: Sequence[Student], seed: str, folder: Path, options: Options = PLAIN,
               done: Callable[[int, int], None] = lambda made, of: None) -> Report:
    """Sheets, keys, answers.csv and manifest.json of a class in `folder`.

    The same command goes on where it was stopped. `done(made, of)` counts sheets and keys.
    InputError where numbers that meet the demands are not found, and where the folder is another class's,
    unless that is to be written over; nothing is written then.
    """
    sheets = sheets_of(lecture, [student.id for student in roster], seed, options)
    key = class_key(sheets.of.lecture, seed)
    how = (options.style, options.relax, options.notation, options.level)
    said = manifest_of(sheets, roster, key, options)
    with alone(folder):
        if not options.force:
            check_same(folder, said, "another folder (-o DIR), or --force to write over it")
        # first of all: a run that is stopped leaves a folder that says whose it is
        write_whole(folder / NAME, json.dumps(said, ensure_ascii=False, indent=1).encode())
        progress = _progress(folder, mark(lecture, roster, key, how))
        runs = [run for kind in KINDS for run in _runs(sheets, roster, kind, key, options, folder, progress)]
        with workers(options.workers, options.cluster) as pool:
            pages = dict.fromkeys(KINDS, _usual_pages(sheets, roster, key, options, pool))
            failures = set_all(runs, pool, options.engine, pages, done)
        files = [*_all_in_one(runs, roster, failures, folder), _answers(sheets, roster, folder), folder / NAME]
        if not failures:
            shutil.rmtree(progress)
    return Report(tuple(files), tuple(_notes(roster)), tuple(_failure(one, roster) for one in failures))


def _failure(one: Failure, roster: Sequence[Student]) -> str:
    student = roster[one.place]
    return f"{KINDS[one.kind][0]}/{student.file}.pdf (id {student.id}): {one.line}"


def make_sheets(lecture: Lecture, ids: Sequence[str], seed: str, kind: str, folder: Path,
                options: Options = PLAIN) -> Report:
    """Some students' sheets (worksheet) or keys (key) alone, as `folder`/ID.pdf: numbers as in the class."""
    roster = students((one, {"id": one}) for one in ids)
    sheets = sheets_of(lecture, [student.id for student in roster], seed, options)
    key = class_key(sheets.of.lecture, seed)
    labels, fields = _labels(sheets.of, roster, key), _fields(sheets.of)

    def made_with(pages: Sequence[int]) -> Made:
        text = run_text(sheets, roster, kind, key, options.style, pages)
        outcome = set_text(text, labels, fields, options.engine)
        if not isinstance(outcome, Made):
            raise PdfError(outcome.line, where=lecture.name)
        return outcome
    made = made_with(made_with((1,) * len(roster)).pages)     # the second time with the pages of each
    files = tuple(folder / f"{student.file}.pdf" for student in roster)
    for path, data in zip(files, made.sheets, strict=True):
        write_whole(path, data)
    return Report(files, (), ())


def practice_ids(count: int) -> tuple[str, ...]:
    """Ids for sheets without a roster: 1, 2, … with as many digits as the last has."""
    return tuple(f"{number:0{len(str(count))}}" for number in range(1, count + 1))


def sheets_of(lecture: Lecture, ids: Sequence[str], seed: str, options: Options) -> Sheets:
    """The figures of these students' sheets."""
    of = homework(lecture, options.notation, options.level)
    return Sheets(numbers(of, seed, tuple(ids), options.relax))


def manifest_of(sheets: Sheets, roster: Sequence[Student], key: bytes, options: Options) -> dict[str, Any]:
    """What the manifest of this class says."""
    return manifest(sheets.numbers, roster, key, options.notation, options.level, options.relax)


# ---------------------------------------------------------------- runs

def _runs(sheets: Sheets, roster: Sequence[Student], kind: str, key: bytes, options: Options, folder: Path,
          progress: Path) -> Iterator[Run]:
    labels = _labels(sheets.of, roster, key)

    def text(places: Sequence[int], pages: Sequence[int]) -> str:
        low, high = places[0], places[-1] + 1
        part = Sheets(sheets.numbers.part(low, high))
        return run_text(part, roster[low:high], kind, key, options.style, pages)
    for low in range(0, len(roster), SIZE):
        places = tuple(range(low, min(low + SIZE, len(roster))))
        files = tuple(folder / KINDS[kind][0] / f"{roster[place].file}.pdf" for place in places)
        yield Run(kind, places, text, files, tuple(labels[place] for place in places), _fields(sheets.of),
                  progress / f"{kind}-{low:06}.pdf")


def _usual_pages(sheets: Sheets, roster: Sequence[Student], key: bytes, options: Options, pool: Any) -> int:
    """How many pages the first student's sheet has, and the key as well, which is the same line for line."""
    first = Sheets(sheets.numbers.part(0, 1))
    text = run_text(first, roster[:1], "worksheet", key, options.style, (1,))
    made = pool.submit(set_text, text, (Label("", ""),), {}, options.engine).result()
    return made.pages[0] if isinstance(made, Made) else 1


def _labels(of: Homework, roster: Sequence[Student], key: bytes) -> list[Label]:
    return [Label(f"{of.lecture.title}: {student.id}", code(of.lecture, key, student.id)) for student in roster]


def _fields(of: Homework) -> dict[str, str]:
    return {f"b{blank.number}": blank.id for blank in of.blanks}


def _progress(folder: Path, wanted: str) -> Path:
    """The folder of runs that are done; emptied where they are of another command."""
    progress = folder / _PROGRESS
    note = progress / "of.txt"
    if progress.is_dir() and not (note.is_file() and note.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(progress)
    write_whole(note, wanted.encode())
    return progress


# ---------------------------------------------------------------- what goes beside the sheets

def _all_in_one(runs: Sequence[Run], roster: Sequence[Student], failures: Sequence[Failure],
                folder: Path) -> Iterator[Path]:
    """class.pdf and keys.pdf; those who failed are missing there."""
    for kind, (_, name) in KINDS.items():
        mine = [run for run in runs if run.kind == kind]
        failed = {one.place for one in failures if one.kind == kind}
        wholes = [path for run in mine for path in _wholes(run)]
        titles = [_bookmark(roster[place]) for run in mine for place in run.places if place not in failed]
        if titles:
            write_whole(folder / name, put_together(wholes, titles))
            yield folder / name


def _wholes(run: Run) -> list[Path]:
    """The run's own PDF, or those of its parts where one of its students failed."""
    def start(path: Path) -> list[int]:
        return [int(part) for part in path.stem.split("-")[1:]]
    if run.whole.is_file():
        return [run.whole]
    return sorted(run.whole.parent.glob(f"{run.whole.stem}-*.pdf"), key=start)


def _bookmark(student: Student) -> str:
    return f"{student.id} {student.name}".strip()


def _answers(sheets: Sheets, roster: Sequence[Student], folder: Path) -> Path:
    of = sheets.of
    columns = [sheets.text(blank.quantity) for blank in of.blanks]
    rows = ((student.id, student.name, *figures)
            for student, *figures in zip(roster, *columns, strict=True))
    answers = folder / "answers.csv"
    write_whole(answers, table(("id", "name", *(blank.id for blank in of.blanks)), rows))
    return answers


def _notes(roster: Sequence[Student]) -> Iterator[str]:
    """What the lecturer should know, once for the class."""
    missing = [student.id for student in roster if not_set(student)]
    if missing:
        some = ", ".join(missing[:5]) + (", …" if len(missing) > 5 else "")
        yield f"{len(missing)} names have letters that the fonts do not have; the id stands for them ({some})"
