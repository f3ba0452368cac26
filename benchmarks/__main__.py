"""One command that prints the whole table, or the parts of it that are named."""

from __future__ import annotations

import sys

from benchmarks import tables
from benchmarks.check_rows import CHECK_TABLES
from benchmarks.class_rows import CLASS_TABLES

TABLES = {**tables.TABLES, **CHECK_TABLES, **CLASS_TABLES}


def main(words: list[str]) -> int:
    """Print the tables; 2 for a name that is none of them."""
    unknown = [word for word in words if word not in TABLES]
    if unknown:
        print(f"no table is called {unknown[0]!r}; expected {', '.join(TABLES)}", file=sys.stderr)
        return 2
    for name in words or TABLES:
        print(f"\n{name}: {(TABLES[name].__doc__ or '').strip()}")
        for row in TABLES[name]():
            print(f"  {row.what:36} {row.figure:>24}   {row.beside}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
