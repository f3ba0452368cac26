"""What a class costs: numbers and .tex of many students, their PDFs, their marks."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clock import Row
from derive.classroom.figures import Sheets
from derive.classroom.grids import class_key
from derive.classroom.homework import homework
from derive.classroom.making import PLAIN, sheets_of
from derive.classroom.marking import marks
from derive.classroom.roster import roster
from derive.classroom.runs import Made, set_text
from derive.classroom.sheets import FIGURES, run_text
from derive.classroom.splitting import Label
from derive.classroom.variants import numbers
from derive.lecture import load
from derive.pdf import choose, typeset

STUDENTS, RUN, MANY = 1000, 100, 100_000
PAGES = 4


def texts() -> Iterator[Row]:
    """Numbers and .tex for 1,000 students of net-out on one core, after start-up."""
    of = homework(load("net-out"))
    class_ = roster("id\n" + "\n".join(f"s{n}" for n in range(STUDENTS)))
    key = class_key(of.lecture, "7")
    run_text(Sheets(numbers(of, "7", ("warm",))), class_[:1], "worksheet", key, FIGURES, (PAGES,))
    begun = time.process_time()
    made = numbers(of, "7", [student.id for student in class_])
    found = time.process_time() - begun
    for low in range(0, STUDENTS, RUN):
        part = Sheets(made.part(low, low + RUN))
        run_text(part, class_[low:low + RUN], "worksheet", key, FIGURES, (PAGES,) * RUN)
    whole = time.process_time() - begun
    yield Row("numbers", f"{STUDENTS / found:.0f} students/s", "every demand met")
    yield Row("numbers and .tex", f"{STUDENTS / whole:.0f} sheets/s", "aim: 1000 a second of one core")


def pdfs() -> Iterator[Row]:
    """PDFs of one run of 100 students, beside one pdfTeX process a sheet without a dumped preamble."""
    lecture, engine = load("net-out"), choose()
    class_ = roster("id\n" + "\n".join(f"s{n}" for n in range(RUN)))
    sheets = sheets_of(lecture, [student.id for student in class_], "7", PLAIN)
    key = class_key(sheets.of.lecture, "7")
    text = run_text(sheets, class_, "worksheet", key, FIGURES, (PAGES,) * RUN)
    one = run_text(Sheets(sheets.numbers.part(0, 1)), class_[:1], "worksheet", key, FIGURES, (PAGES,))
    labels = tuple(Label(student.id, student.id) for student in class_)
    set_text(one, labels[:1], {}, None)     # dumps the preamble
    begun = time.perf_counter()
    made = set_text(text, labels, {}, None)
    together = (time.perf_counter() - begun) / RUN
    assert isinstance(made, Made)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        for _ in range(3):
            typeset(one, Path(folder) / "one.pdf", engine)
        alone = (time.perf_counter() - begun) / 3
    yield Row("100 sheets a run, split", f"{1000 * together:.0f} ms a sheet",
              f"{alone / together:.1f} times as many as one process a sheet (aim: 15)")


def marking() -> Iterator[Row]:
    """Marks of 300 papers without their PDFs, and the memory of 100,000 students' numbers."""
    class_ = [f"s{n}" for n in range(300)]
    sheets = sheets_of(load("net-out"), class_, "7", PLAIN)
    answers = [{blank.id: sheets.text(blank.quantity)[(row + row % 2) % 300] for blank in sheets.of.blanks}
               for row in range(300)]
    begun = time.perf_counter()
    for row, paper in enumerate(answers):
        marks(sheets, row, paper)
    yield Row("300 papers marked, half of them wrong", f"{time.perf_counter() - begun:.1f} s")
    code = ("import resource;from derive.lecture import load;from derive.classroom.homework import homework;"
            "from derive.classroom.variants import numbers;"
            f"numbers(homework(load('net-out')),'7',[str(n) for n in range({MANY})]);"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)")
    begun = time.perf_counter()
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    unit = 1 if sys.platform == "darwin" else 1024
    yield Row("100,000 students' numbers", f"{int(said) * unit / 1e6:.0f} MB",
              f"in {time.perf_counter() - begun:.0f} s (aim: below 2000 MB)")


CLASS_TABLES = {"class-texts": texts, "class-pdfs": pdfs, "class-marking": marking}
