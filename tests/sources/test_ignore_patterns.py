from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from searchidx.sources.ignore_patterns import (
    MAX_PATTERN_CODE_POINTS,
    IgnorePatterns,
    InvalidPatternError,
    translate,
)


def matches(pattern: str, path: str) -> bool:
    """Match a path and, as a walk does, each folder above it."""
    return ignored([pattern], path)


def ignored(lines: list[str], path: str) -> bool:
    patterns = IgnorePatterns(lines)
    for slash in [place for place, character in enumerate(path) if character == "/"]:
        if patterns.verdict(path[: slash + 1]):
            return True
    return bool(patterns.verdict(path))


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a.txt", ["a.txt", "b/a.txt", "b/c/a.txt", "a.txt/x"], ["ba.txt", "a.txt~", "a_txt"]),
        ("/a.txt", ["a.txt"], ["b/a.txt"]),
        ("b/a.txt", ["b/a.txt"], ["c/b/a.txt", "a.txt"]),
        ("nhap/", ["nhap/", "nhap/a", "b/nhap/a"], ["nhap", "b/nhap"]),
        ("*.txt", ["a.txt", ".txt", "b/ă.txt"], ["a.txt.md"]),
        ("a*b*c", ["abc", "axbxc", "abbcc", "abcbc"], ["acb", "ab", "a/b/c"]),
        ("?.txt", ["a.txt", "ệ.txt"], ["ab.txt", ".txt", "a/.txt"]),
        ("[abc].txt", ["a.txt", "x/c.txt"], ["d.txt", "abc.txt"]),
        ("[a-cx]", ["b", "x"], ["d", "-"]),
        ("[!a-c]", ["d", "đ", "\n"], ["a", "b", "dd"]),
        ("[^a]", ["b"], ["a"]),
        ("[]a]", ["]", "a"], ["b", "[]a]"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("[z-a]", ["z"], ["a", "m"]),
        (r"[\]x]", ["]", "x"], ["\\"]),
        ("[[:digit:]x]", ["5", "x"], ["d", ":"]),
        ("[[:space:][:upper:]]", [" ", "A"], ["a"]),
        ("[&&~|-]", ["&", "~", "-", "|"], ["a"]),
        ("[[:]", ["[", ":"], ["a", "[:"]),
        ("[[:wrong:]]", [], ["w", ":]"]),
        ("a[+-9]b", ["a5b", "a,b"], ["a/b"]),
        ("a[/]b", [], ["a/b", "a[/]b"]),
        ("[a", [], ["[a", "a"]),
        ("a\\", [], ["a", "a\\"]),
        (r"\*.txt", ["*.txt"], ["a.txt"]),
        (r"\#a", ["#a"], ["a"]),
        (r"\!a", ["!a"], ["a"]),
        ("a ", ["a"], ["a "]),
        ("a\\ ", ["a "], ["a"]),
        ("a\\  ", ["a "], ["a", "a  "]),
        ("a\r", ["a"], ["a\r"]),
        ("**/a", ["a", "b/a", "b/c/a"], ["ba"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "a/", "b/a/c"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "b"]),
        ("a/**/**/b", ["a/b", "a/x/b"], ["ab"]),
        ("a/***/b", ["a/b", "a/x/y/b"], ["ab"]),
        ("a/**b", ["a/b", "a/xb"], ["a/x/b"]),
        ("a**/b", ["a/b", "ax/b"], ["a/x/b"]),
        ("**/a/**/b/**", ["a/b/c", "x/a/y/b/c", "a/a/b/b/c"], ["a/b", "b/a/c"]),
        ("**", ["a", "a/b"], []),
        ("/**", ["a", "a/b"], []),
        ("**/", ["a/", "a/b"], ["a"]),
        ("foo/**/", ["foo/a/", "foo/a/b"], ["foo/", "foo/a"]),
        ("*", ["a", "a/b"], []),
        ("/*", ["a", "a/b"], []),
        ("/", [], ["a", "a/"]),
        ("", [], ["a"]),
        ("#a", [], ["#a", "a"]),
        ("a.txt", [], ["a.txt\n"]),
        ("a\nb", ["a\nb"], ["a", "b"]),
    ],
)
def test_patterns(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes if not matches(pattern, path)] == []
    assert [path for path in no if matches(pattern, path)] == []


def test_the_last_pattern_decides() -> None:
    patterns = IgnorePatterns(["*.txt", "!a*", "ab*", "!abc.txt"])
    paths = ("x.txt", "a.txt", "ab.txt", "abc.txt", "x.md")
    assert [patterns.verdict(path) for path in paths] == [True, False, True, False, None]
    assert IgnorePatterns([]).verdict("a") is None


SEGMENTS = st.text("aab*?.", min_size=1, max_size=6).filter(
    # "." and ".." are no names.  Git matches "a**/**" with "ab", which is none of its rules.
    lambda segment: set(segment) != {"."} and "**" not in segment
)
PATTERNS = st.builds(
    lambda lead, segments, end: lead + "/".join(segments) + end,
    st.sampled_from(["", "/"]),
    st.lists(SEGMENTS | st.just("**"), min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)
PATHS = st.builds(
    lambda names, end: "/".join(names) + end,
    st.lists(
        st.text("aab.", min_size=1, max_size=6).filter(lambda name: set(name) != {"."}),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["", "/"]),
)


@given(PATTERNS, PATHS)
@example("a/**/b", "a/x/b")
def test_one_pattern_is_matched_as_pathspec_does(pattern: str, path: str) -> None:
    # pathspec alone has "a/**" match "a/", and "a/**/" files; git alone has "a/*" match "a/".
    # Git has the last word on all three.
    assume(not pattern.rstrip("/").endswith("/**"))
    assume(not (path.endswith("/") and pattern.rstrip("/").endswith("/*")))
    assert matches(pattern, path) == GitIgnoreSpec.from_lines([pattern]).match_file(path)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_lists_of_patterns_are_matched_as_git_does(tmp_path: Path) -> None:
    git = ["git", "-c", "core.excludesFile=", "-C", str(tmp_path)]
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    subprocess.run([*git, "init", "-q"], check=True, env=environment)

    bracket = st.text("abc-!^]", min_size=1, max_size=4).map("[{}]".format)
    line = st.builds(
        str.__add__,
        st.sampled_from(["", "", "!"]),
        PATTERNS | bracket | st.builds("{}/{}*".format, bracket, bracket),
    )

    @given(st.lists(line, min_size=1, max_size=5), st.lists(PATHS, min_size=1, max_size=20))
    def compare(lines: list[str], paths: list[str]) -> None:
        paths = [path.removesuffix("/") for path in paths]
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = subprocess.run(
            [*git, "check-ignore", "--no-index", "--stdin"],
            input="\n".join(paths),
            capture_output=True,
            text=True,
            env=environment,
        )
        assert result.returncode in (0, 1), result.stderr
        expected = result.stdout.splitlines()
        assert [path for path in paths if ignored(lines, path)] == expected

    compare()


@pytest.mark.parametrize(
    "pattern",
    [
        "*a*a*a*a*ab",
        "*a" * 400 + "b",
        "**/a*" * 150 + "/b",
        "**/*a*a/" * 100 + "b",
        "*[ab]*?*[!b]" * 80 + "c",
        "a/**/" * 180 + "b",
        "?*" * 400 + "b",
        "*" * 999 + "b",
    ],
)
@pytest.mark.parametrize("path", ["a" * 255, "/".join(["a" * 20] * 180), "a/" * 2000 + "a"])
def test_no_pattern_takes_longer_than_its_length_times_the_paths(
    pattern: str, path: str
) -> None:
    # A regular expression cannot be interrupted: a process of its own can be limited.
    program = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "from searchidx.sources.ignore_patterns import IgnorePatterns\n"
        "print(IgnorePatterns([sys.argv[1]]).verdict(sys.argv[2]))\n"
    )
    assert len(pattern) <= MAX_PATTERN_CODE_POINTS
    command = [sys.executable, "-c", program, pattern, path]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "None\n"), result.stderr


@given(st.text("ab*?/[]!^-\\: \n.|(){}+$#&~", max_size=12) | st.text(max_size=12))
def test_every_line_is_a_pattern_or_is_ignored(line: str) -> None:
    try:
        expression = translate(line)
    except InvalidPatternError:
        return
    assert re.compile(expression).groups == 0
