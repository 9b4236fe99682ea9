"""Notes in code: what is noted, and that the code does what it did."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from diptych.verification.pairing import pair_sites
from diptych.worker.instrument import MADE, NOTE, instrument


def noted(text: str) -> tuple[dict[str, Any], list[tuple[int, str, str, Any]]]:
    """The names that a text binds, and each note: line, kind, label, value."""
    code, sites = instrument(dedent(text), "code.py")
    notes: list[tuple[int, str, str, Any]] = []

    def note(value: Any, site: int) -> Any:
        found = sites[site]
        notes.append((found["line"], found["kind"], found["label"], value))
        return value

    names: dict[str, Any] = {NOTE: note, MADE: note}
    exec(code, names)
    return names, notes


def test_assignments_of_every_kind() -> None:
    names, notes = noted("""
        a = b = 1
        c, (d, *e) = 2, (3, 4, 5)
        x = [0, 0]
        x[1] = 7
        a += 1
        t: int = 9
        """)
    assert (names["a"], names["e"], names["x"], names["t"]) == (2, [4, 5], [0, 7], 9)
    assert [note for note in notes if note[2] != "x"] == [
        (2, "assign", "a", 1), (2, "assign", "b", 1),
        (3, "assign", "c", 2), (3, "assign", "d", 3), (3, "assign", "e", [4, 5]),
        (6, "assign", "a", 2), (7, "assign", "t", 9),
    ]  # fmt: skip
    assert [line for line, _, label, _ in notes if label == "x"] == [4, 5]


def test_functions_methods_loops_and_comprehensions() -> None:
    names, notes = noted("""
        class Net:
            def __init__(self, k=3):
                self.k = k

            def twice(self, x):
                return 2 * x

            def forward(self, x):
                for i in range(2):
                    x = self.twice(x) + i
                if x > 10:
                    x = 0
                return [y * y for y in (x, self.k)]
        """)
    del notes[:]
    assert names["Net"]().forward(1) == [25, 9]
    labels = [(line, kind, label, value) for line, kind, label, value in notes]
    assert (4, "assign", "self.k", 3) in labels and (7, "return", "return", 2) in labels
    assert [value for _, kind, _, value in labels if kind == "loop"] == [0, 1]
    assert (11, "call", "self.twice()", 4) in labels and (11, "assign", "x", 5) in labels
    assert (12, "test", "if", False) in labels
    assert [value for _, kind, _, value in labels if kind == "element"] == [25, 9]
    assert labels[-1] == (14, "return", "return", [25, 9])


def test_evaluation_order_docstrings_and_super_stay() -> None:
    names, _ = noted('''
        """Text."""
        from __future__ import annotations
        seen = []

        def say(x):
            """What it says."""
            seen.append(x)
            return x

        class Base:
            def __init__(self):
                self.made = True

        class Child(Base):
            limit = say(0)

            def __init__(self):
                super().__init__()
                (lambda n: say(n))(n=(m := say(1)) + say(2))

        child = Child()
        out = {key: say(key) for key in "ab"}
        ''')
    assert names["seen"] == [0, 1, 2, 3, "a", "b"]
    assert names["child"].made and names["say"].__doc__ == "What it says."
    assert names["__doc__"] == "Text."


def test_layers_in_a_list_are_told_by_their_place() -> None:
    _, notes = noted("""
        def Sequential(*layers):
            return layers
        net = Sequential(1, Sequential(
            2,
            3))
        """)
    found = [(line, label) for line, kind, label, _ in notes if kind == "layer"]
    assert found == [(4, "net[0]"), (5, "net[1][0]"), (6, "net[1][1]"), (4, "net[1]")]


def sites(text: str) -> list[dict[str, Any]]:
    return instrument(dedent(text), "code.py")[1]


def paired(source: str, twin: str, lines: list[tuple[int, int]]) -> set[tuple[str, int, int]]:
    ours, theirs = sites(source), sites(twin)
    return {(ours[a]["label"], ours[a]["line"], theirs[b]["line"]) for a, b in pair_sites(ours, theirs, lines).items()}


def test_one_line_that_became_two_is_paired_at_the_second() -> None:
    found = paired("x = f(x)\nx = g(x)\n", "x_ = t(x)\nx = f(x_)\nx = g(x)\n", [(1, 1), (2, 3)])
    assert found == {("x", 1, 2), ("x", 2, 3)}


def test_lists_of_other_lengths_are_not_paired() -> None:
    lines = [(1, 1)]
    assert ("net[0]", 1, 1) in paired("net = Sequential(a, b)", "net = Sequential([a, b])", lines)
    assert ("net[0]", 1, 1) not in paired("net = Sequential(a, b)", "net = Sequential([p, a, b])", lines)


def test_without_a_source_map_functions_are_paired_by_name() -> None:
    source = "class A:\n    def forward(self, x):\n        y = x + 1\n        z = y * y\n        return z\n"
    twin = "class A:\n    def call(self, x):\n        y = x + 1\n\n        return y * y\n"
    assert paired(source, twin, []) == {("x", 2, 2), ("y", 3, 3), ("return", 5, 5)}
