"""Run `searchidx eval`: measure search on judged queries."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from searchidx.cli import say
from searchidx.cli.progress import progress_bar
from searchidx.cli.terminal import one_line
from searchidx.errors import EvaluationError
from searchidx.evaluation import (
    MEASURES,
    VARIANTS,
    Comparison,
    Evaluation,
    Run,
    compare,
    evaluate,
    read_judgements,
    read_queries,
    read_run,
    require_library,
    write_run,
)
from searchidx.index import Index
from searchidx.index_folder import create, open_index
from searchidx.store import MANIFEST_FILE

JSON_SCHEMA: Final = 1
"""The version of the shape of the JSON output; raised when a key is removed or changed."""
_TIME_HEADING: Final = "p50 ms"
_MAX_LINES: Final = 10
"""The most failures that are printed, and the most queries that one of two runs does better."""


def _read_variants(
    context: click.Context, parameter: click.Parameter, value: str
) -> tuple[str, ...]:
    """Return the variants that an option names.

    Raises:
        BadParameter: It names none, or an unknown one.
    """
    names = tuple(dict.fromkeys(filter(None, map(str.strip, value.split(",")))))
    unknown = [name for name in names if name not in VARIANTS]
    if unknown or not names:
        raise click.BadParameter(
            f"{', '.join(unknown) or 'nothing'} is none of {', '.join(VARIANTS)}"
        )
    return names


def _check_name(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """Refuse an empty name of a file."""
    if value == "":
        raise click.BadParameter("the name of a file must not be empty")
    return value


def _check_folder(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """Refuse a file whose folder does not exist, before the long work begins."""
    _check_name(context, parameter, value)
    if value is not None and not Path(value).absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {Path(value).parent}")
    return value


@click.command()
@click.argument("documents", metavar="DOCS", type=click.Path(exists=True))
@click.argument("queries", metavar="QUERIES", type=click.Path(exists=True, dir_okay=False))
@click.argument("judgements", metavar="QRELS", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--variants",
    metavar="NAME,...",
    default=",".join(VARIANTS),
    show_default=True,
    callback=_read_variants,
    help="How the queries are typed: as they stand, without marks, without half of them, "
    "with a typing error in one word.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Draw the marks that are left out and the typing errors anew.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--per-query",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True),
    callback=_check_folder,
    help="Write the measures of each query to FILE, with tabs between.",
)
@click.option(
    "--run",
    "run_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True),
    callback=_check_folder,
    help="Write the hits to FILE as a TREC run; of several variants each to a file of its "
    "own, as FILE.run to FILE.typed.run.",
)
@click.option(
    "--compare",
    "other_run",
    metavar="RUN",
    type=click.Path(),
    callback=_check_name,
    help="Compare with a TREC run, or with those that --run RUN wrote.",
)
def command(
    documents: str,
    queries: str,
    judgements: str,
    variants: tuple[str, ...],
    seed: int,
    as_json: bool,
    per_query: str | None,
    run_file: str | None,
    other_run: str | None,
) -> None:
    """Measure how well searches find what they should.

    DOCS is anything that can be indexed, such as JSON Lines with the keys id, title and
    text, or the folder of an index. QUERIES is JSON Lines with the keys id and text. QRELS
    has lines of a query's id, a document's id and a grade (0: does not answer it) with tabs
    between.

    Prints nDCG@10, MRR@10, success@1, recall@10, recall@100, judged@10 and the nDCG@10 of
    judged hits alone, and the median time of a search with 10 hits and their snippets.
    Formats and measures: docs/how-to/measure-relevance.md.
    """
    require_library()
    texts = read_queries(queries)
    others: dict[str, Run] = {}
    if other_run is not None:
        others = {name: _read_other_run(other_run, name, variants) for name in variants}
    with _open_or_index(documents) as index:
        judged = read_judgements(judgements, texts, index)
        with progress_bar("searching") as progress:
            evaluations = evaluate(
                index, texts, judged, variants=variants, seed=seed, progress=progress
            )
        count = len(index)
    comparisons = {
        each.variant: compare(each, others[each.variant], judged)
        for each in evaluations
        if others
    }
    if run_file is not None:
        for each in evaluations:
            name = f"searchidx-{each.variant}"
            write_run(_run_file(run_file, each.variant, variants), each.run, name)
    if per_query is not None:
        with open(per_query, "w", encoding="utf-8", newline="\n") as file:
            for row in _query_rows(evaluations, comparisons):
                file.write("\t".join(row) + "\n")
    pairs = sum(map(len, judged.values()))
    if as_json:
        counts = {
            "schema": JSON_SCHEMA,
            "documents": count,
            "queries": len(judged),
            "judgements": pairs,
            "seed": seed,
        }
        values = [_values(each, comparisons.get(each.variant)) for each in evaluations]
        click.echo(json.dumps({**counts, "variants": values}))
        return
    if len(judged) < len(texts):
        say(f"{len(texts) - len(judged):,} queries are passed over: they were not judged")
    click.echo(f"{count:,} documents, {len(judged):,} queries, {pairs:,} judgements\n")
    for line in _aligned(_summary_rows(evaluations)):
        click.echo(line)
    for variant, comparison in comparisons.items():
        _print_comparison(comparison, _run_file(other_run or "", variant, variants), texts)


def _print_comparison(
    comparison: Comparison, other_run: Path, texts: Mapping[str, str]
) -> None:
    """Print a table of two runs, and the queries that differ most.

    Args:
        comparison: The comparison.
        other_run: The file of the other run.
        texts: The text of each query by its id.
    """
    variant = comparison.evaluation.variant
    click.echo(f"\n{variant}, compared with {one_line(str(other_run))}\n")
    for line in _aligned(_comparison_rows(comparison)):
        click.echo(line)
    for line in _greatest_differences(comparison, texts):
        click.echo(line)


@contextmanager
def _open_or_index(documents: str) -> Iterator[Index]:
    """Yield the index at `documents`, or a temporary one made of the files there."""
    if os.path.exists(os.path.join(documents, MANIFEST_FILE)):
        with open_index(documents) as index:
            _require_documents(index, documents)
            yield index
        return
    with (
        tempfile.TemporaryDirectory(prefix="searchidx-eval-") as folder,
        create(os.path.join(folder, "index")) as index,
    ):
        with progress_bar("indexing") as progress:
            report = index.update(
                documents, workers=min(4, os.cpu_count() or 1), progress=progress
            )
        if report.failures:
            for failure in report.failures[:_MAX_LINES]:
                say(str(failure))
            raise EvaluationError(
                f"{len(report.failures):,} documents of {documents} cannot be indexed; put "
                "them right or leave them out, and measure again"
            )
        _require_documents(index, documents)
        yield index


def _require_documents(index: Index, documents: str) -> None:
    """Raise `EvaluationError` if an index holds no documents."""
    if not len(index):
        raise EvaluationError(f"{documents}: holds no documents; name what is to be searched")


def _run_file(path: str, variant: str, variants: Sequence[str]) -> Path:
    """Return the run file of a variant: ``FILE.typed.run`` for ``FILE.run``."""
    file = Path(path)
    if len(variants) == 1:
        return file
    return file.with_name(f"{file.stem}.{variant}{file.suffix}")


def _read_other_run(path: str, variant: str, variants: Sequence[str]) -> Run:
    """Return the run to compare a variant with."""
    file = _run_file(path, variant, variants)
    if not file.exists() and len(variants) > 1:
        raise EvaluationError(
            f"{file}: there is no such run; with one run alone, say which queries it was "
            "made with, such as --variants typed"
        )
    return read_run(file)


def _summary_rows(evaluations: Sequence[Evaluation]) -> Iterator[Sequence[str]]:
    """Yield a row for each variant: the mean of each measure, and the time."""
    yield ["", *MEASURES, _TIME_HEADING]
    for each in evaluations:
        time = "" if each.p50 is None else f"{each.p50:.2f}"
        yield [each.variant, *(f"{mean:.4f}" for mean in each.means.values()), time]


def _comparison_rows(comparison: Comparison) -> Iterator[Sequence[str]]:
    """Yield the rows of a table that compares a run with another one."""
    yield ["", *MEASURES]
    yield ["this run", *(f"{mean:.4f}" for mean in comparison.evaluation.means.values())]
    yield ["the other", *(f"{mean:.4f}" for mean in comparison.means.values())]
    yield ["difference", *(f"{mean:+.4f}" for mean in comparison.differences.mean(axis=0))]
    for name, counts in _counts(comparison).items():
        yield [name, *(f"{count:,}" for count in counts)]
    yield ["p", *("-" if math.isnan(p) else f"{p:.3f}" for p in comparison.p_values)]


def _counts(comparison: Comparison) -> Mapping[str, Sequence[int]]:
    """Return for each measure how many queries this run does better, as well, and worse."""
    wins, losses = comparison.wins, comparison.losses
    ties = len(comparison.scores) - wins - losses
    return {"wins": wins.tolist(), "ties": ties.tolist(), "losses": losses.tolist()}


def _greatest_differences(comparison: Comparison, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield lines for the queries that gained and lost most, with their texts."""
    ordered = comparison.ordered()
    wins = [row for row in ordered if row[1] > 0]
    losses = [row for row in reversed(ordered) if row[1] < 0]
    for name, rows in (("wins", wins), ("losses", losses)):
        if not rows:
            continue
        shown = f", the first {_MAX_LINES} of {len(rows):,}" if len(rows) > _MAX_LINES else ""
        yield f"\n{name} in {MEASURES[0]}{shown}"
        for query, difference in rows[:_MAX_LINES]:
            yield f"{difference:+.4f}  {one_line(query)}  {one_line(texts[query])}"


def _aligned(rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines with aligned columns: names to the left, figures to the right."""
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for name, *figures in table:
        cells = [figure.rjust(width) for figure, width in zip(figures, widths[1:], strict=True)]
        yield "  ".join([name.ljust(widths[0]), *cells]).rstrip()


def _query_rows(
    evaluations: Sequence[Evaluation], comparisons: Mapping[str, Comparison]
) -> Iterator[Sequence[str]]:
    """Yield a row for each variant and query: the text searched for, and its measures."""
    others = [f"other {name}" for name in MEASURES] if comparisons else []
    yield ["variant", "query", "text", *MEASURES, "ms", *others]
    for each in evaluations:
        comparison = comparisons.get(each.variant)
        for row, (query, text) in enumerate(each.queries.items()):
            figures = [*each.scores[row], each.milliseconds[row]]
            if comparison is not None:
                figures += [*comparison.scores[row]]
            yield [
                each.variant,
                " ".join(query.split()),
                " ".join(text.split()),
                *(f"{figure:.4f}" for figure in figures),
            ]


def _values(evaluation: Evaluation, comparison: Comparison | None) -> dict[str, Any]:
    """Return the figures of a variant as JSON values."""
    values: dict[str, Any] = {
        "variant": evaluation.variant,
        "measures": evaluation.means,
        "p50_ms": evaluation.p50,
    }
    if comparison is not None:
        values["comparison"] = {
            "measures": comparison.means,
            **{
                name: dict(zip(MEASURES, counts, strict=True))
                for name, counts in _counts(comparison).items()
            },
            "p": {
                name: None if math.isnan(p) else p
                for name, p in zip(MEASURES, comparison.p_values.tolist(), strict=True)
            },
            "queries": [
                {"query": query, "difference": difference}
                for query, difference in comparison.ordered()
            ],
        }
    return values
