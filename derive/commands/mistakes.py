"""What ends a command early: a mistake is one line on standard error, never a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Never

import click

from derive.errors import DeriveError, InputError, nearest, printable

STOPPED, NOBODY_READS, ENDED = 130, 141, 143    # as a shell counts programs ended by a signal


class Commands(click.Group):
    """Commands in the order of their use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in self.commands and not args[0].startswith("-"):
            raise InputError(f"no command is called {args[0][:80]!r}", expected=nearest(args[0][:80], [*self.commands]))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:     # which click would call a failure
            ctx.exit(_nobody_reads(NOBODY_READS))

    def main(self, *arguments: Any, **options: Any) -> Never:
        sys.exit(_status(lambda: super(Commands, self).main(*arguments, **options | {"standalone_mode": False})))


def _status(command: Callable[[], Any]) -> int:
    """The exit status of a command; what went wrong has been said."""
    try:
        with _ended_by_signal():
            status = command()
            sys.stdout.flush()
    except DeriveError as error:
        return _said(error.line(), error.status)
    except click.ClickException as error:
        return _said(usage_line(error), 2)
    except RecursionError:
        return _said("the input is nested too deeply", 2)
    except BrokenPipeError:
        return _nobody_reads(NOBODY_READS)
    except OSError as error:
        place = printable(os.fsdecode(error.filename)) if error.filename else "standard output"
        return _nobody_reads(_said(f"{place}: {error.strerror}", 2))
    except click.Abort:
        return _said("stopped", STOPPED)
    return status if isinstance(status, int) else 0


def _said(line: str, status: int) -> int:
    click.echo(f"derive: {line}", err=True)
    return status


def _nobody_reads(status: int) -> int:
    """What is still to be printed goes nowhere, or Python would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Until its end a request to end the program unwinds it, so that temporary folders go."""
    if threading.current_thread() is not threading.main_thread():   # signals reach the main thread alone
        yield
        return
    before = signal.signal(signal.SIGTERM, _unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _unwind(number: int, frame: FrameType | None) -> Never:
    sys.exit(ENDED)


def usage_line(error: click.ClickException) -> str:
    """A wrong option or argument as one line: of which command, what is wrong, the nearest name."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "derive"
    if isinstance(error, click.NoSuchOption):
        known = [name for each in (context.command.get_params(context) if context else ())
                 for name in each.opts if name.startswith("-")]
        name = error.option_name[:80]
        return InputError(f"no option is called {name}", where=command, expected=nearest(name, known)).line()
    what = " ".join(error.format_message().split()).rstrip(".")
    return InputError(f"{what[:1].lower()}{what[1:]}", where=command).line()
