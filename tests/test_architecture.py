"""Test that the files, functions and classes of the architecture page exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "searchidx"
REFERENCES = sorted(
    set(re.findall(r"`((?:[a-z_0-9]+/)*[a-z_0-9]+\.py(?::[\w.]+)?|(?:[a-z_]+/)+)`", PAGE))
)


@cache
def names(path: str) -> frozenset[str]:
    """Return what a module defines or imports, and the members of its classes."""
    found = set()
    for node in ast.parse((PACKAGE / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            members = (m for m in node.body if isinstance(m, ast.FunctionDef))
            found |= {node.name, *(f"{node.name}.{member.name}" for member in members)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {each.id for each in node.targets if isinstance(each, ast.Name)}
    return frozenset(found)


def test_the_page_names_many_places() -> None:
    assert len(REFERENCES) > 100


@pytest.mark.parametrize("reference", REFERENCES)
def test_what_the_page_names_is_in_the_tree(reference: str) -> None:
    path, _, name = reference.partition(":")
    inner = ("search", "store", "cli", "sources", "sources/formats")
    folders = [PACKAGE, *(PACKAGE / each for each in inner), ROOT]
    assert any((folder / path).exists() for folder in folders)
    if name:
        assert name in names(path)


def test_every_folder_of_the_package_is_on_the_page() -> None:
    for folder in (path.parent for path in PACKAGE.rglob("__init__.py")):
        name = folder.relative_to(PACKAGE).as_posix()
        if name != "." and not name.startswith("language/"):
            assert f"`{folder.name}/`" in PAGE


def test_every_term_of_the_glossary_is_explained_once() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", PAGE[PAGE.index("## Glossary") :], re.MULTILINE)
    terms = [term.strip(" ()") for row in rows[1:] for term in re.split(r"[,(]", row)]
    assert len(terms) == len(set(terms))
