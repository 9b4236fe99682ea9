"""Every method, as an editor uses it."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from editor import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")

FACE = "😋"

MODEL = f"""\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        note = "{FACE}"; x = torch.relu(x)
        return self.fc(x).sum(dim=-1)  # kept


def f(x: torch.Tensor):
    return torch.sum(x, dim=1)
"""
OLD = f'import torch\n\n\ndef f(a):\n    s = "{FACE}"; return torch.qr(a)\n'


def open_document(editor: Editor, text: str, uri: str | None = None) -> None:
    editor.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri or editor.uri, "python", 1, text))
    )


def change(editor: Editor, version: int, text: str, place: types.Range | None = None) -> None:
    event: Any = types.TextDocumentContentChangeWholeDocument(text)
    if place is not None:
        event = types.TextDocumentContentChangePartial(place, text)
    document = types.VersionedTextDocumentIdentifier(version, editor.uri)
    editor.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [event]))


async def diagnostics(editor: Editor, wanted: Any, timeout: float = 20) -> list[types.Diagnostic]:
    """Wait until the published diagnostics are as wanted."""
    for _ in range(int(timeout * 50)):
        found = list(editor.client.diagnostics.get(editor.uri, []))
        if editor.uri in editor.client.diagnostics and wanted(found):
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"the last diagnostics were {editor.client.diagnostics.get(editor.uri)}")


def has(code: str) -> Any:
    return lambda found: any(item.code == code for item in found)


def lacks(code: str) -> Any:
    return lambda found: all(item.code != code for item in found)


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def place_of(text: str, word: str, after: str = "") -> types.Position:
    """The position of a word, in UTF-16 units."""
    offset = text.index(word, text.index(after) + len(after) if after else 0)
    line = text.count("\n", 0, offset)
    head = text[text.rfind("\n", 0, offset) + 1 : offset]
    return types.Position(line, len(head.encode("utf-16-le")) // 2)


def applied(text: str, edits: Any) -> str:
    from diptych.lsp.positions import Lines

    lines = Lines(text)
    for edit in sorted(edits, key=lambda e: lines.offset(e.range.start), reverse=True):
        start, end = lines.offset(edit.range.start), lines.offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text


async def actions(editor: Editor, place: types.Range, *only: str) -> list[types.CodeAction]:
    context = types.CodeActionContext([], only=list(only) or None)  # type: ignore[arg-type]
    found = await editor.client.text_document_code_action_async(types.CodeActionParams(editor.document, place, context))
    return [action for action in found or [] if isinstance(action, types.CodeAction)]


async def converted(editor: Editor, text: str, action: types.CodeAction) -> str:
    """The text after a conversion was chosen."""
    assert action.edit is None, "computed before it was chosen"
    resolved = await editor.client.code_action_resolve_async(action)
    assert resolved.edit is not None and resolved.edit.document_changes is not None
    (change,) = resolved.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit) and change.text_document.version == 1
    return applied(text, change.edits)


async def convert(editor: Editor, **values: Any) -> Any:
    return await editor.client.protocol.send_request_async(
        "diptych/convert", {"textDocument": {"uri": editor.uri}, **values}
    )


# --- Diagnostics ---------------------------------------------------------------------------------------------------


async def test_finding_stands_at_utf16_columns(editor: Editor) -> None:
    open_document(editor, OLD)
    found = await diagnostics(editor, has("DPT105"))
    (finding,) = [item for item in found if item.code == "DPT105"]
    assert finding.range == span(4, 21, 29)
    assert finding.source == "diptych" and finding.severity == types.DiagnosticSeverity.Warning
    assert list(finding.tags or ()) == [types.DiagnosticTag.Deprecated]
    assert finding.code_description is not None


async def test_leftover_is_information(editor: Editor) -> None:
    open_document(editor, "import torch\n\n\ndef f(x):\n    return torch.fx.wrap(x)\n")
    found = await diagnostics(editor, has("not-converted"))
    (leftover,) = [item for item in found if item.code == "not-converted"]
    assert leftover.severity == types.DiagnosticSeverity.Information
    assert leftover.code_description is not None and leftover.code_description.href.endswith("?q=torch.fx.wrap")
    assert leftover.range.start.line == 4


async def test_edits_are_followed(editor: Editor) -> None:
    open_document(editor, OLD)
    await diagnostics(editor, has("DPT105"))
    change(editor, 2, "linalg.qr", span(4, 27, 29))
    await diagnostics(editor, lacks("DPT105"))
    change(editor, 3, OLD)
    await diagnostics(editor, has("DPT105"))


async def test_text_that_does_not_parse_keeps_what_was_known(editor: Editor) -> None:
    open_document(editor, OLD)
    await diagnostics(editor, has("DPT105"))
    change(editor, 2, "def broken(:\n", span(1, 0, 0))
    found = await diagnostics(editor, has("syntax"))
    (finding,) = [item for item in found if item.code == "DPT105"]
    assert finding.range == span(5, 21, 29)
    change(editor, 3, "", types.Range(types.Position(1, 0), types.Position(2, 0)))
    await diagnostics(editor, lacks("syntax"))


async def test_form_feeds_and_crlf_shift_nothing(editor: Editor) -> None:
    text = "import torch\r\n\f\r\n# a\u2028b\r\n" + f's = "{FACE}"; q = torch.qr(s)\r\n'
    open_document(editor, text)
    (finding,) = [item for item in await diagnostics(editor, has("DPT105")) if item.code == "DPT105"]
    assert finding.range == span(3, 14, 22)
    change(editor, 2, "linalg.qr", span(3, 20, 22))
    await diagnostics(editor, lacks("DPT105"))
    change(editor, 3, "torch.qr", span(3, 14, 29))
    (finding,) = [item for item in await diagnostics(editor, has("DPT105")) if item.code == "DPT105"]
    assert finding.range == span(3, 14, 22)


async def test_closing_takes_diagnostics_away(editor: Editor) -> None:
    open_document(editor, OLD)
    await diagnostics(editor, has("DPT105"))
    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.document))
    await diagnostics(editor, lambda found: found == [])


async def test_a_file_without_a_framework_is_left_alone(editor: Editor) -> None:
    open_document(editor, "x = 1\n")
    assert await diagnostics(editor, lambda found: True) == []
    assert await actions(editor, span(0, 0, 1)) == []


# --- Hover ---------------------------------------------------------------------------------------------------------


async def hovered(editor: Editor, position: types.Position) -> types.Hover | None:
    return await editor.client.text_document_hover_async(types.HoverParams(editor.document, position))


async def test_hover_shows_the_users_own_call(editor: Editor) -> None:
    open_document(editor, MODEL)
    hover = await hovered(editor, place_of(MODEL, "sum", after="def f("))
    assert hover is not None and isinstance(hover.contents, types.MarkupContent)
    assert "tf.reduce_sum(x, axis=1)" in hover.contents.value
    assert "**In TensorFlow**" in hover.contents.value and "**PyTorch**" in hover.contents.value
    assert hover.range == span(15, 11, 30)


async def test_hover_after_an_emoji(editor: Editor) -> None:
    open_document(editor, MODEL)
    hover = await hovered(editor, place_of(MODEL, "torch.relu"))
    assert hover is not None and hover.range == span(10, 25, 38)


async def test_no_hover_on_other_things(editor: Editor) -> None:
    open_document(editor, MODEL)
    for word in ("# kept", "note", "Net"):
        assert await hovered(editor, place_of(MODEL, word)) is None


async def test_no_hover_on_a_method_of_something_else(editor: Editor) -> None:
    open_document(editor, "import torch\nimport pandas\n\nframe = pandas.DataFrame()\nframe.sum()\n")
    assert await hovered(editor, types.Position(4, 7)) is None


async def test_hover_says_why_something_is_left_over(editor: Editor) -> None:
    text = "import torch\nimport torch.distributed as dist\n\nnet = torch.nn.Linear(2, 3)\n"
    open_document(editor, text + "dist.barrier()\nnet.register_forward_hook(print)\n")
    for line, column, name, part in [
        (4, 6, "torch.distributed.barrier", "a strategy waits"),
        (5, 6, "Module.register_forward_hook", "Keras layers have no hooks"),
    ]:
        hover = await hovered(editor, types.Position(line, column))
        assert hover is not None and isinstance(hover.contents, types.MarkupContent)
        assert hover.contents.value.startswith(f"**Not converted**\n\n`{name}`: {part}")


async def test_hover_is_true_for_the_text_as_it_is_now(editor: Editor) -> None:
    """Right after each edit; some change what stands above the call, some change no code."""
    lines = ["import torch", "", "", "def f(x: torch.Tensor):", "    y = torch.relu(x)", "    return torch.div(y, 2)"]
    open_document(editor, "\n".join(lines) + "\n")
    await diagnostics(editor, lambda found: True)
    floating, integer = "tf.divide(y, {})", "tf.divide(tf.cast(y, tf.float32), {})"
    for version, (line, text, shown) in enumerate(
        [
            (4, "    y = torch.relu(x)  # why", floating.format(2)),
            (4, "    y = torch.argmax(x, 1)  # why", integer.format(2)),
            (1, "# note", integer.format(2)),
            (4, "    y = torch.argmax(x, 1)", integer.format(2)),
            (5, "    return torch.div(y, 3) # note", integer.format(3)),
            (3, "def f(x: torch.Tensor): # diptych: x=float32[2,3]", integer.format(3)),
            (4, "    y = torch.relu(x)", floating.format(3)),
            (0, "import numpy as torch", None),
            (0, "import torch", floating.format(3)),
        ],
        2,
    ):
        lines[line] = text
        change(editor, version, "\n".join(lines) + "\n")
        hover = await hovered(editor, types.Position(5, 13))
        assert (hover is None) == (shown is None)
        if hover is not None:
            assert isinstance(hover.contents, types.MarkupContent)
            assert f"```python\n{shown}\n```" in hover.contents.value


# --- Code actions --------------------------------------------------------------------------------------------------


async def test_fix_of_a_finding(editor: Editor) -> None:
    open_document(editor, OLD)
    (fix,) = await actions(editor, span(4, 25, 25), types.CodeActionKind.QuickFix)
    assert fix.title == "Use torch.linalg.qr" and fix.is_preferred and fix.diagnostics
    assert fix.edit is not None and fix.edit.document_changes is not None
    (change,) = fix.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert applied(OLD, change.edits) == OLD.replace("torch.qr", "torch.linalg.qr")


async def test_no_fix_elsewhere(editor: Editor) -> None:
    open_document(editor, OLD)
    assert await actions(editor, span(0, 0, 0), types.CodeActionKind.QuickFix) == []


async def test_convert_this_call(editor: Editor) -> None:
    open_document(editor, MODEL)
    position = place_of(MODEL, "sum", after="def f(")
    (call,) = await actions(editor, types.Range(position, position), types.CodeActionKind.RefactorRewrite)
    assert call.title == "Convert this call to TensorFlow"
    text = await converted(editor, MODEL, call)
    assert "return tf.reduce_sum(x, axis=1)\n" in text
    assert "from torch import nn\nimport tensorflow as tf\n" in text


async def test_convert_selection(editor: Editor) -> None:
    open_document(editor, MODEL)
    selection = types.Range(types.Position(14, 0), types.Position(16, 0))
    (offer,) = await actions(editor, selection, types.CodeActionKind.Refactor)
    assert offer.title == "Convert selection to TensorFlow"
    text = await converted(editor, MODEL, offer)
    assert "return tf.reduce_sum(x, axis=1)" in text and "torch.relu(x)" in text


async def test_convert_definition(editor: Editor) -> None:
    open_document(editor, MODEL)
    position = place_of(MODEL, "Net")
    offers = await actions(editor, types.Range(position, position), types.CodeActionKind.RefactorRewrite)
    (offer,) = [offer for offer in offers if offer.title == "Convert `Net` to TensorFlow"]
    text = await converted(editor, MODEL, offer)
    assert "class Net(keras.Model):" in text and "import keras\n" in text
    assert "return torch.sum(x, dim=1)\n" in text and "# kept\n" in text


async def test_resolving_after_an_edit_is_refused(editor: Editor) -> None:
    open_document(editor, MODEL)
    position = place_of(MODEL, "Net")
    *_, offer = await actions(editor, types.Range(position, position), types.CodeActionKind.RefactorRewrite)
    change(editor, 2, "\n", span(0, 0, 0))
    with pytest.raises(JsonRpcException, match="The file has changed since"):
        await editor.client.code_action_resolve_async(offer)


# --- Our own requests ----------------------------------------------------------------------------------------------


async def test_convert_a_file(editor: Editor) -> None:
    open_document(editor, MODEL)
    result = await convert(editor, to="tensorflow")
    assert "class Net(keras.Model):" in result.twin and "# kept\n" in result.twin
    assert (result.framework, result.to) == ("torch", "tensorflow")
    assert [(entry.name, entry.line) for entry in result.entries] == [("Net", 5), ("f", 15)]
    source, twin = MODEL.splitlines(), result.twin.splitlines()
    for first, second in result.lines:
        assert 1 <= first <= len(source) and 1 <= second <= len(twin)
    assert all(item.severity in ("error", "warning") for item in result.leftovers)


async def test_convert_a_selection(editor: Editor) -> None:
    open_document(editor, MODEL)
    place = {"start": {"line": 15, "character": 4}, "end": {"line": 15, "character": 9}}
    result = await convert(editor, range=place)
    assert result.twin == "import tensorflow as tf\n\n    return tf.reduce_sum(x, axis=1)\n"
    assert [list(pair) for pair in result.lines] == [[16, 3]]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
async def test_part_of_a_file_in_newer_python(editor: Editor) -> None:
    open_document(editor, "import torch\n\n\ndef f[T](x: T):\n    return torch.relu(x)\n")
    assert "tf.nn.relu(x)" in (await convert(editor)).twin
    place = {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 9}}
    with pytest.raises(JsonRpcException, match=r"^Line 4 needs a newer Python than the server's"):
        await convert(editor, range=place)


async def test_converting_sees_unsaved_text(editor: Editor) -> None:
    open_document(editor, MODEL)
    change(editor, 2, MODEL.replace("dim=1", "dim=0"))
    assert "tf.reduce_sum(x, axis=0)" in (await convert(editor)).twin


async def test_converting_what_does_not_parse_tells_the_place(editor: Editor) -> None:
    open_document(editor, "import torch\n\n\ndef f(:\n    pass\n")
    with pytest.raises(JsonRpcException, match=r"^Line 4, column \d+: ") as caught:
        await convert(editor)
    assert caught.value.code == -32803


async def test_converting_an_empty_file(editor: Editor) -> None:
    open_document(editor, "")
    assert (await convert(editor, to="tensorflow")).twin == ""


async def test_many_files_and_many_edits(editor: Editor) -> None:
    for number in range(30):
        open_document(editor, MODEL.replace("Net", f"Net{number}"), f"file:///nowhere/m{number}.py")
    open_document(editor, MODEL)
    for version in range(2, 60):
        change(editor, version, f"# {version}\n", span(0, 0, 0))
    result = await convert(editor)
    assert result.twin.startswith("# 59\n# 58\n")


async def test_no_code_actions_where_a_file_does_not_parse(editor: Editor) -> None:
    open_document(editor, "import torch\n\n\ndef f(:\n    return torch.ger(a, b)\n")
    place = types.Range(types.Position(4, 11), types.Position(4, 16))
    params = types.CodeActionParams(editor.document, place, types.CodeActionContext([]))
    assert not await editor.client.text_document_code_action_async(params)


async def test_a_text_of_its_own_is_converted_without_a_document(editor: Editor) -> None:
    ask = editor.client.protocol.send_request_async
    result = await ask("diptych/convert", {"text": "import torch\ny = torch.exp(x)\n"})
    assert "exp(x)" in result.twin and "torch" not in result.twin and result.to == "tensorflow"
    with pytest.raises(JsonRpcException, match="text is the code"):
        await ask("diptych/convert", {"text": 1})
