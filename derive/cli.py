"""The command `derive`: its commands put together."""

from __future__ import annotations

import click

import derive
from derive.commands.classes import class_, grade
from derive.commands.mistakes import Commands
from derive.commands.sheets import key, sheet, slides
from derive.commands.starting import doctor, list_, new
from derive.commands.workings import check, show, train


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
             invoke_without_command=True)
@click.version_option(derive.__version__, prog_name="derive")
@click.pass_context
def main(context: click.Context) -> None:
    """Derives back-propagation step by step: homework sheets, answer keys, slides, and hand derivations checked."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (list_, sheet, key, slides, show, new, doctor, check, train, class_, grade):
    main.add_command(_command)
