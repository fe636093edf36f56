"""Commands that fill the registry from files and write it out again."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from hub.command import ConfigFile, do, fail, load

ListFile = Annotated[Path | None, typer.Option(help="CSV or XLSX", exists=True, dir_okay=False)]


def import_files(
    *,
    config: ConfigFile,
    file: Annotated[
        Path | None,
        typer.Option(
            help="XLSX workbook whose sheets are called 住户 or households, 卡片 or cards …",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="of new-community: every list in it", exists=True, file_okay=False),
    ] = None,
    households: ListFile = None,
    cards: ListFile = None,
    people: ListFile = None,
    contacts: ListFile = None,
    why: Annotated[str, typer.Option(help="stands in the record of changes")] = "import",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="check only")] = False,
) -> None:
    """Read lists from CSV or XLSX; every error at once, nothing half imported.

    Headings are Chinese or English; doors are 11#-1-102, 11号楼1单元102室, or three columns.
    A store that is not there yet is made; the new admin's password is printed once.

    Example: lianxin-hub import --config hub.toml --households households.xlsx --dry-run
    """
    settings = load(config)
    named = {"file": file, "households": households, "cards": cards, "people": people}
    named["contacts"] = contacts
    files = {kind: path for kind, path in named.items() if path is not None}
    if folder is not None:
        found = {path.stem: path for path in sorted(folder.glob("*.csv"))}
        known: ModuleType = importlib.import_module("hub.registry.columns")
        if strangers := found.keys() - known.LISTS.keys():
            expected = ", ".join(f"{name}.csv" for name in known.LISTS)
            fail([f"{found[name]}: no such list; expected {expected}" for name in strangers], 2)
        files |= found
    if not files:
        expected = "--file, --folder, --households, --cards, --people or --contacts"
        fail([f"nothing to import; expected {expected}"], 2)
    problems, told, password = do(
        settings,
        lambda jobs: jobs.import_lists(settings, files, why, dry_run=dry_run, progress=_progress()),
    )
    if password is not None:
        typer.echo(f"admin password: {password}")
    if problems:
        fail([*problems, f"{len(problems)} problems; nothing was imported"], 2)
    typer.echo(f"{'checked' if dry_run else 'imported'}: {told}")


def _progress() -> Callable[[str, int, int], None]:
    """A line that goes on at a terminal; a file gets none."""
    terminal = sys.stderr.isatty()

    def told(what: str, done: int, of: int) -> None:
        if terminal:
            typer.echo(f"\r{what} {done}/{of}", nl=done == of, err=True)

    return told


def export_file(
    config: ConfigFile,
    what: Annotated[str, typer.Argument(help="households, cards, blocks, people, …")],
    to: Annotated[Path, typer.Option(help="a new file; .xlsx makes a workbook, else CSV")],
) -> None:
    """Write a list so that it can be imported again.

    Example: lianxin-hub export households --to households.xlsx --config hub.toml
    """
    settings = load(config)
    columns: ModuleType = importlib.import_module("hub.registry.columns")
    if what not in columns.LISTS:
        fail([f"WHAT: found {what}; expected one of {', '.join(columns.LISTS)}"], 2)
    count = do(settings, lambda jobs: jobs.export_list(settings, what, to))
    typer.echo(f"{to}: {count} rows")


def new_community(
    folder: Annotated[Path, typer.Argument(help="a folder that is not there yet")],
) -> None:
    """Write an empty file for every list, with headings and one example as a remark.

    Example: lianxin-hub new-community lianxin-garden
    """
    templates: ModuleType = importlib.import_module("hub.registry.templates")
    try:
        written = templates.write_templates(folder)
    except OSError as error:
        fail([f"{folder}: {error.strerror}; expected a folder that can be made here"], 1)
    typer.echo(f"{folder}: {', '.join(written)}")
    typer.echo(f"fill them in, then: lianxin-hub import --folder {folder} --dry-run --config …")
