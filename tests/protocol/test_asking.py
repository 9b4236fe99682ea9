"""An editor that asks for diagnostics; fixing everything; inputs for a definition; progress of a conversion."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from raw import RawClient

URI = "untitled:Untitled-1"
TEXT = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(7, 2)

    def forward(self, x):
        return torch.fx.wrap(self.fc(x))


def f(a, b):
    return torch.qr(a), torch.ger(a, b)
"""


@pytest.fixture(scope="module")
def client() -> Iterator[RawClient]:
    client = RawClient(diagnostics="pull")
    document = {"diagnostic": {}, "publishDiagnostics": {}}
    answer = client.initialize(textDocument=document, workspace={"diagnostics": {"refreshSupport": True}})
    assert answer["result"]["capabilities"]["diagnosticProvider"]["identifier"] == "diptych"
    client.open(URI, TEXT)
    yield client
    client.close()


def asked(client: RawClient, previous: str | None = None) -> dict[str, Any]:
    params = {"textDocument": {"uri": URI}, "previousResultId": previous}
    return client.request("textDocument/diagnostic", params)["result"]


def test_diagnostics_are_asked_for_and_not_sent(client: RawClient) -> None:
    first = asked(client)
    assert {item["code"] for item in first["items"]} == {"DPT105", "DPT108", "not-converted"}
    again = asked(client, first["resultId"])
    assert again["kind"] == "unchanged" and again["resultId"] == first["resultId"]
    client.change(URI, 2, {"text": TEXT.replace("torch.qr(a)", "torch.linalg.qr(a)")})
    changed = asked(client, first["resultId"])
    assert changed["kind"] == "full" and "DPT105" not in {item["code"] for item in changed["items"]}
    client.change(URI, 3, {"text": TEXT})
    assert asked(client)["resultId"] == first["resultId"]
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": "file:///a/pyproject.toml", "type": 2}]})
    client.until(lambda message: message.get("method") == "workspace/diagnostic/refresh")
    assert not any(message.get("method") == "textDocument/publishDiagnostics" for message in client.seen)


def actions(client: RawClient, line: int, *only: str) -> list[dict[str, Any]]:
    place = {"line": line, "character": 6}
    context = {"diagnostics": [], **({"only": list(only)} if only else {})}
    params = {"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": context}
    return client.request("textDocument/codeAction", params)["result"]


def test_all_safe_fixes_at_once(client: RawClient) -> None:
    (action,) = actions(client, 0, "source.fixAll")
    assert action["kind"] == "source.fixAll.diptych" and "edit" not in action
    edits = client.request("codeAction/resolve", action)["result"]["edit"]["changes"][URI]
    assert sorted(edit["newText"] for edit in edits) == ["torch.linalg.qr", "torch.outer"]
    assert actions(client, 0, "source.organizeImports") == []


def test_inputs_are_guessed_from_the_layer(client: RawClient) -> None:
    (action,) = [each for each in actions(client, 4, "quickfix") if "diptych:" in each["title"]]
    (edit,) = action["edit"]["changes"][URI]
    assert edit["newText"] == "# diptych: x=float32[2,7]\n"
    assert edit["range"]["start"] == edit["range"]["end"] == {"line": 4, "character": 0}
    known = TEXT.replace("class Net", "# diptych: x=float32[2,7]\nclass Net")
    client.change(URI, 4, {"text": known})
    assert not [each for each in actions(client, 5, "quickfix") if "diptych:" in each["title"]]
    client.change(URI, 5, {"text": TEXT})


def test_a_long_conversion_shows_progress_and_can_be_cancelled(client: RawClient) -> None:
    parts = [TEXT.replace("Net", f"Net{n}").replace("def f(", f"def f{n}(") for n in range(400)]
    request = client.ask("diptych/convert", {"text": "\n\n".join(parts), "workDoneToken": "long"})
    begun = client.until(lambda message: message.get("method") == "$/progress")["params"]
    assert begun["token"] == "long" and begun["value"] == {"kind": "begin", "title": "Converting", "cancellable": True}
    start = time.monotonic()
    client.notify("window/workDoneProgress/cancel", {"token": "long"})
    assert client.wait(request)["error"]["code"] == -32800
    assert time.monotonic() - start < 5
    ended = [message for message in client.seen if message.get("method") == "$/progress"]
    assert ended and ended[-1]["params"]["value"]["kind"] == "end"
