"""Write the reference pages that are made from the code: modules, Python API, command line.

Run `python docs/reference/generate.py` after a change to a docstring or an option.  With
`--check` it writes nothing and fails if a page is not up to date; the test suite does that.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import griffe

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent

_NOTE = "<!-- Made by docs/reference/generate.py; change the code's docstrings instead. -->\n"
_API_HEAD = """# Python API

{note}
Everything here is imported from `searchidx`, or from `searchidx.language`, which needs no
index. What is not on this page may change without notice. Types are those of the signatures;
places in a text are half-open ranges of Unicode code points.
"""
_CLI_HEAD = """# Command line

{note}
Exit codes: 0 done, or something was found; 1 nothing was found, or some file failed; 2 error;
130 interrupted. Messages go to stderr, results to stdout.
"""
_MODULES_HEAD = """# Modules

{note}
Each module with the first line of its docstring. [Architecture](../architecture.md) says what
the folders are for, and follows a query and a file through them.
"""


def modules_page() -> str:
    """Return the page of all modules, folder by folder, as Markdown."""
    parts = [_MODULES_HEAD.format(note=_NOTE)]
    package = ROOT / "searchidx"
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        parts.append(f"\n## `{folder.relative_to(ROOT)}/`\n\n| module | purpose |\n|---|---|\n")
        for path in sorted(folder.glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            line = (ast.get_docstring(tree) or "").partition("\n")[0].replace("|", "\\|")
            if line:
                parts.append(f"| `{path.name}` | {line} |\n")
    return "".join(parts)


def api_page() -> str:
    """Return the page of the Python API as Markdown."""
    package = griffe.load("searchidx", search_paths=[ROOT], docstring_parser="google")
    parts = [_API_HEAD.format(note=_NOTE)]
    for module in (package, package["language"]):
        names = [name for name in module.exports or () if not str(name).startswith("__")]
        parts.append(f"\n## `{module.path}`\n")
        for name in map(str, names):
            found = module[name]
            target = found.final_target if found.is_alias else found
            parts.extend(_object(target, f"{module.path}.{name}"))
    return "".join(parts)


def _object(target: griffe.Object, path: str) -> Iterator[str]:
    if isinstance(target, griffe.Class):
        yield f"\n### `{path}`\n\n"
        yield from _class_head(target, path)
        yield from _docstring(target)
        for member in target.members.values():
            if member.is_alias or member.name.startswith("_"):
                continue
            if isinstance(member, griffe.Function):
                yield from _function(member, f"{target.name}.{member.name}", "####")
            elif isinstance(member, griffe.Attribute) and "property" in member.labels:
                yield f"\n#### `{target.name}.{member.name}: {_oneline(member.annotation)}`\n\n"
                yield from _docstring(member)
    elif isinstance(target, griffe.Function):
        yield from _function(target, path, "###")


def _class_head(target: griffe.Class, path: str) -> Iterator[str]:
    bases = ", ".join(str(base) for base in target.bases)
    if bases:
        yield f"Derives from `{bases}`.\n\n"
    if "dataclass" in target.labels:
        yield _signature(path.rpartition(".")[2], target.parameters)


def _function(target: griffe.Function, path: str, level: str) -> Iterator[str]:
    yield f"\n{level} `{path}`\n\n"
    parameters = [each for each in target.parameters if each.name not in ("self", "cls")]
    yield _signature(path.rpartition(".")[2], parameters, _oneline(target.returns))
    yield from _docstring(target)


def _signature(name: str, parameters: Iterable[griffe.Parameter], returns: str = "") -> str:
    kinds = griffe.ParameterKind
    shown: list[str] = []
    keyword_only = False
    for each in parameters:
        if each.name == "self":
            continue
        if each.kind is kinds.keyword_only and not keyword_only:
            shown.append("*")
            keyword_only = True
        prefix = {kinds.var_positional: "*", kinds.var_keyword: "**"}.get(each.kind, "")
        keyword_only = keyword_only or each.kind is kinds.var_positional
        text = f"{prefix}{each.name}"
        if each.annotation is not None:
            text += f": {_oneline(each.annotation)}"
        if each.default is not None and not prefix:
            text += f" = {_oneline(each.default)}"
        shown.append(text)
    arrow = f" -> {returns}" if returns else ""
    line = f"{name}({', '.join(shown)}){arrow}"
    if len(line) > 88:
        line = f"{name}(\n" + "".join(f"    {each},\n" for each in shown) + f"){arrow}"
    return f"```python\n{line}\n```\n\n"


def _oneline(value: object) -> str:
    return "" if value is None else " ".join(str(value).split())


def _docstring(target: griffe.Object) -> Iterator[str]:
    if target.docstring is None:
        return
    for section in target.docstring.parsed:
        if isinstance(section, griffe.DocstringSectionText):
            yield f"{_blocks(section.value)}\n\n"
        elif isinstance(section, griffe.DocstringSectionAdmonition):
            yield f"**{section.title}** {_blocks(section.value.description)}\n\n"
        else:
            rows = list(_rows(section))
            if rows:
                yield f"{section.title or _TITLES.get(section.kind.value, '')}:\n\n"
                yield "".join(rows) + "\n"


_TITLES = {
    "parameters": "Arguments",
    "attributes": "Attributes",
    "returns": "Returns",
    "yields": "Yields",
    "raises": "Raises",
}


def _rows(section: griffe.DocstringSection) -> Iterator[str]:
    if not isinstance(section.value, list):
        yield f"{_blocks(str(section.value))}\n"
        return
    for each in section.value:
        name = getattr(each, "name", "")
        if section.kind.value == "raises":
            name = _oneline(each.annotation)
        label = f"`{name}`: " if name else ""
        yield f"- {label}{_oneline(each.description)}\n"


def _blocks(text: str) -> str:
    """Return the text of a docstring as Markdown: an indented block becomes a code block."""
    shown: list[str] = []
    inside = False
    for line in inspect.cleandoc(text).replace("``", "`").splitlines():
        indented = line.startswith("    ")
        if indented and not inside:
            shown.append("```python")
        elif inside and line and not indented:
            while shown[-1] == "":
                shown.pop()
            shown += ["```", ""]
        inside = indented or (inside and not line)
        shown.append(line[4:] if inside else line)
    if inside:
        shown.append("```")
    return "\n".join(shown)


def cli_page() -> str:
    """Return the page of the command line as Markdown."""
    from searchidx.cli import cli

    parts = [_CLI_HEAD.format(note=_NOTE)]
    context = click.Context(cli, info_name="searchidx", max_content_width=88, terminal_width=88)
    parts.append(f"\n## `searchidx`\n\n```text\n{cli.get_help(context)}\n```\n")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(
            command, info_name=name, parent=context, max_content_width=88, terminal_width=88
        )
        parts.append(f"\n## `searchidx {name}`\n\n```text\n{command.get_help(inner)}\n```\n")
    return "".join(parts)


def main() -> int:
    """Write the pages, or with `--check` say which are not up to date."""
    stale = False
    pages = {
        "modules.md": modules_page(),
        "python-api.md": api_page(),
        "command-line.md": cli_page(),
    }
    for name, page in pages.items():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            print(f"{path.relative_to(ROOT)} is not up to date: run {Path(__file__).name}")
            stale = True
    return int(stale)


if __name__ == "__main__":
    sys.exit(main())
