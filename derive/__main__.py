"""`derive` and `python -m derive`: Ctrl-C ends them silently while the commands are still being loaded."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    try:
        from derive.cli import main as commands
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    commands()


if __name__ == "__main__":
    main()
