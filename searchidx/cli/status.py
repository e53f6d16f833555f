"""Run `searchidx status`: print what an index holds."""

from __future__ import annotations

import time

import click

from searchidx.cli.options import index_option
from searchidx.cli.output import shown_path
from searchidx.cli.terminal import one_line
from searchidx.index_folder import open_index


@click.command()
@index_option
def command(index_path: str) -> None:
    """Tell what an index holds: size, documents, terms, when and from where."""
    with open_index(index_path) as index:
        status = index.status()
    when = time.strftime("%d/%m/%Y %H:%M:%S", time.localtime(status.committed))
    rows = [
        ("index", one_line(str(status.path))),
        ("size", f"{status.bytes / 1e6:,.1f} MB"),
        ("documents", f"{status.documents:,} from {status.files:,} files"),
        ("committed", when),
    ]
    rows += [("from", one_line(shown_path(root))) for root in status.roots]
    rows += [
        ("terms", f"{count:>10,}  {name.replace('_', ' ', 1).replace('_', ' ')}")
        for name, count in status.terms.items()
    ]
    previous = ""
    for name, value in rows:
        click.echo(f"{name if name != previous else '':<10} {value}")
        previous = name
