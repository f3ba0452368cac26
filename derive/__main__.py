"""`derive` and `python -m derive`: Ctrl-C ends them silently while the commands are still being loaded."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from derive.cli import main as commands

    signal.signal(signal.SIGINT, before)
    commands()


if __name__ == "__main__":
    main()
