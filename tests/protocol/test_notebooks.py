"""Notebooks: what one cell imports is known in the next; commands and broken cells hide nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from raw import RawClient

from diptych.conversion import convert
from diptych.lsp.convert_notebook import twins
from diptych.lsp.notebooks import CellLines, join
from diptych.lsp.settings import Settings
from diptych.text.magics import blanked

BOOK = "file:///nowhere/model.ipynb"
FIRST = "%matplotlib inline\nimport torch\n"
SECOND = "%%time\ndef f(a):\n    !nvidia-smi\n    return torch.qr(a)"
THIRD = "def broken(:\n"
FOURTH = "torch.sum(torch.ones(2, 2), dim=1)"


@pytest.mark.parametrize(
    "cell, hidden",
    [
        ("%matplotlib inline\nimport torch\n", [1]),
        ("if x:\n    !pip install a \\\n      b\ny = 1\n", [2, 3]),
        ("files = !ls\nx = %time f()\n", [1, 2]),
        ("%%bash\nls -l\n", [1, 2]),
        ("%%time\nx = 1\n", [1]),
        ("torch.nn?\nprint('really?')\n?x\n", [1, 3]),
        ("for i in y:\n  !w\n", [2]),
        ("x = (a\n  % b)\n", []),
        ("x = a \\\n  % b\n", []),
        ('s = """\n%foo\n!bar\n"""\n', []),
        ("x = '\\'%' # it's\n!ls 'x\ny = a % 2 != 1", [2]),
    ],
)
def test_commands_are_blanked_at_equal_length(cell: str, hidden: list[int]) -> None:
    text, found = blanked(cell)
    assert sorted(found) == hidden
    assert [len(line) for line in text.splitlines()] == [len(line) for line in cell.splitlines()]
    pairs = enumerate(zip(text.splitlines(), cell.splitlines(), strict=True), 1)
    assert all(a == b for number, (a, b) in pairs if number not in hidden)
    ast.parse(text)


def test_an_edit_stays_in_its_cell_and_keeps_commands() -> None:
    joined = join((("a", FIRST), ("b", SECOND)))
    lines = CellLines(joined, joined.cells[1])
    down = joined.cells[1].down
    assert lines.why_not(down + 4, down + 4) is None
    assert lines.why_not(2, 2) == "This changes more than one cell."
    assert "command" in str(lines.why_not(down + 2, down + 4))
    above = lines.position(1, 0)
    assert (above.line, above.character) == (1, 0)  # an import goes below %%time


CELLS = {
    "%matplotlib inline\nimport torch\nimport numpy as np\n": """\
%matplotlib inline
import tensorflow as tf
import numpy as np""",
    "# only a remark": "# only a remark",
    "%%time\n# twice\n\ndef f(a):\n    !nvidia-smi\n    return torch.exp(a)  # once\n# below": """\
%%time
# twice

def f(a):
    !nvidia-smi
    return tf.exp(a)  # once
# below""",
    "def broken(:": "# diptych: not converted: invalid syntax\ndef broken(:",
    "x = torch.linalg.ldl_factor(y)\n!ls\n%cd ..\nz = torch.exp(y)": """\
# diptych: not converted: torch.linalg.ldl_factor: no rule knows torch.linalg.ldl_factor
x = torch.linalg.ldl_factor(y)
!ls
%cd ..
z = tf.exp(y)""",
    "%%bash\nls": "%%bash\nls",
}


def test_each_cell_becomes_its_twin_with_its_comments_and_commands() -> None:
    joined = join(tuple((str(number), text) for number, text in enumerate(CELLS)))
    texts = twins(convert(joined.text), joined, joined.cells)
    cells = [text.replace("import torch\n", "") for text in texts]
    assert cells == list(CELLS.values())


def test_a_cell_alone_brings_what_it_needs() -> None:
    joined = join((("a", "import torch"), ("b", "y = torch.exp(torch.ones(2))"), ("c", "z = torch.zeros(2)")))
    (text,) = twins(convert(joined.text), joined, joined.cells[1:2])
    assert text == "import tensorflow as tf\n\ny = tf.exp(tf.ones((2,)))"
    assert [text.count("import tensorflow") for text in twins(convert(joined.text), joined, joined.cells)] == [1, 0, 0]


def test_a_helper_stands_in_the_first_cell_that_uses_it() -> None:
    code = "y = torch.scatter(torch.zeros(3, 4), 1, index, 1.0)"
    joined = join((("a", "import torch\nindex = torch.zeros(3, 4, dtype=torch.int64)"), ("b", code), ("c", code)))
    conversion = convert(joined.text)
    assert conversion.helpers
    texts = twins(conversion, joined, joined.cells)
    assert [f"def {conversion.helpers[0]}(" in text for text in texts] == [False, True, False]
    for text in texts:
        ast.parse(text)


def item(number: int, text: str) -> dict[str, Any]:
    return {
        "uri": f"vscode-notebook-cell:/nowhere/model.ipynb#{number}",
        "languageId": "python",
        "version": 1,
        "text": text,
    }


def uri(number: int) -> str:
    return item(number, "")["uri"]


@pytest.fixture(scope="module")
def notebook() -> Iterator[RawClient]:
    client = RawClient()
    answer = client.initialize(notebookDocument={"synchronization": {}})
    assert answer["result"]["capabilities"]["notebookDocumentSync"]["notebookSelector"]
    items = [item(number, text) for number, text in enumerate((FIRST, SECOND, THIRD, FOURTH))]
    cells = [{"kind": 2, "document": each["uri"]} for each in items]
    book = {"uri": BOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    client.notify("notebookDocument/didOpen", {"notebookDocument": book, "cellTextDocuments": items})
    yield client
    client.close()


def diagnostics(client: RawClient, number: int, code: str) -> dict[str, Any]:
    def wanted(message: dict[str, Any]) -> bool:
        if message.get("method") != "textDocument/publishDiagnostics" or message["params"]["uri"] != uri(number):
            return False
        return any(each["code"] == code for each in message["params"]["diagnostics"])

    found = next((message for message in client.seen if wanted(message)), None) or client.until(wanted)
    return next(each for each in found["params"]["diagnostics"] if each["code"] == code)


def test_findings_stand_in_their_cell(notebook: RawClient) -> None:
    found = diagnostics(notebook, 1, "DPT105")
    assert found["range"] == {"start": {"line": 3, "character": 11}, "end": {"line": 3, "character": 19}}
    assert diagnostics(notebook, 2, "syntax")["range"]["start"]["line"] == 0


def test_hover_knows_what_an_earlier_cell_imports(notebook: RawClient) -> None:
    place = {"textDocument": {"uri": uri(3)}, "position": {"line": 0, "character": 8}}
    hover = notebook.request("textDocument/hover", place)["result"]
    assert "tf.reduce_sum(" in hover["contents"]["value"]
    assert hover["range"]["start"] == {"line": 0, "character": 0}


def actions(client: RawClient, number: int, line: int, first: int, last: int) -> list[dict[str, Any]]:
    place = {"start": {"line": line, "character": first}, "end": {"line": line, "character": last}}
    params = {"textDocument": {"uri": uri(number)}, "range": place, "context": {"diagnostics": []}}
    return client.request("textDocument/codeAction", params)["result"]


def test_a_fix_edits_its_cell(notebook: RawClient) -> None:
    fix = next(each for each in actions(notebook, 1, 3, 12, 12) if each["kind"] == "quickfix")
    ((address, (edit,)),) = fix["edit"]["changes"].items()
    assert address == uri(1) and edit["newText"] == "torch.linalg.qr" and edit["range"]["start"]["line"] == 3


def test_converting_adds_the_import_to_the_cell(notebook: RawClient) -> None:
    call = next(each for each in actions(notebook, 3, 0, 8, 8) if each["title"] == "Convert this call to TensorFlow")
    edits = notebook.request("codeAction/resolve", call)["result"]["edit"]["changes"][uri(3)]
    assert [edit["range"]["start"]["line"] for edit in edits] == [0, 0]
    assert edits[0]["newText"] == "import tensorflow as tf\n"
    whole = next(each for each in actions(notebook, 1, 1, 4, 4) if each["title"] == "Convert `f` to TensorFlow")
    assert "command" in notebook.request("codeAction/resolve", whole)["error"]["message"]


def test_cells_are_converted_alone_and_together(notebook: RawClient) -> None:
    (alone,) = notebook.request("diptych/convertNotebook", {"textDocument": {"uri": uri(3)}})["result"]["cells"]
    assert alone == {"uri": uri(3), "text": "import tensorflow as tf\n\ntf.reduce_sum(tf.ones((2, 2)), axis=1)"}
    answer = notebook.request("diptych/convertNotebook", {"textDocument": {"uri": BOOK}})["result"]
    assert answer["to"] == "tensorflow" and [cell["uri"] for cell in answer["cells"]] == [uri(n) for n in range(4)]
    assert answer["cells"][1]["text"].startswith("%%time\ndef f(a):\n    !nvidia-smi\n")
    missing = notebook.request("diptych/convertNotebook", {"textDocument": {"uri": "file:///nowhere/x.py"}})
    assert "no cell of an open notebook" in missing["error"]["message"]


def test_cells_come_and_go(notebook: RawClient) -> None:
    added = item(9, "x = torch.qr(torch.ones(2, 2))\n")
    array = {"start": 2, "deleteCount": 1, "cells": [{"kind": 2, "document": added["uri"]}]}
    structure = {"array": array, "didOpen": [added], "didClose": [{"uri": uri(2)}]}
    change = {"notebookDocument": {"uri": BOOK, "version": 2}, "change": {"cells": {"structure": structure}}}
    notebook.notify("notebookDocument/didChange", change)
    assert diagnostics(notebook, 9, "DPT105")["range"]["start"] == {"line": 0, "character": 4}
    content = {"document": {"uri": uri(0), "version": 2}, "changes": [{"text": "import numpy as torch\n"}]}
    change = {"notebookDocument": {"uri": BOOK, "version": 3}, "change": {"cells": {"textContent": [content]}}}
    notebook.seen.clear()
    notebook.notify("notebookDocument/didChange", change)
    gone = {"uri": uri(9), "diagnostics": []}
    notebook.until(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"] == gone)


def test_settings_of_the_innermost_folder_come_first() -> None:
    settings = Settings({"codeLens": {"enabled": False}}, {"file:///a": {"codeLens.enabled": True}, "file:///a/b": {}})
    assert settings.get("codeLens.enabled", "file:///a/x.py") is True
    assert settings.get("codeLens.enabled", "file:///a/b/x.py") is False
    assert settings.get("codeLens.enabled", "file:///ab/x.py") is False
    assert settings.get("inlayHints.shapes") is True
    assert Settings({"inlayHints": {"shapes": "no"}}).get("inlayHints.shapes") is True
