"""Long work: progress, cancelling it in both ways, trust, and the end of the process."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from raw import RawClient

from diptych.lsp.diagnostics import divergence_diagnostic
from diptych.lsp.documents import Documents
from diptych.lsp.positions import Lines
from diptych.lsp.server import DiptychServer
from diptych.verification.divergence import Divergence, Place

URI = "file:///nowhere/model.py"
SLOW = [sys.executable, str(Path(__file__).parent / "slow_server.py")]


def started(message: dict[str, Any]) -> bool:
    return message.get("method") == "test/started"


def stopped(message: dict[str, Any]) -> bool:
    return message.get("method") == "test/stopped"


def progress(kind: str) -> Any:
    return lambda message: message.get("method") == "$/progress" and message["params"]["value"]["kind"] == kind


def ask(client: RawClient, **values: Any) -> int:
    return client.ask("diptych/verify", {"textDocument": {"uri": URI}, "workDoneToken": "token", **values})


def test_progress_is_reported_under_the_clients_token(slow: RawClient) -> None:
    ask(slow)
    begin = slow.until(progress("begin"))["params"]
    assert begin["token"] == "token" and begin["value"]["cancellable"] is True
    report = slow.until(progress("report"))["params"]["value"]
    assert report["message"].startswith("step ") and 0 <= report["percentage"] <= 100


def test_the_loop_stays_free(slow: RawClient) -> None:
    ask(slow)
    slow.until(started)
    begin = time.monotonic()
    place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 0}}
    assert "result" in slow.request("textDocument/hover", place)
    assert time.monotonic() - begin < 2


def test_cancelling_the_request(slow: RawClient) -> None:
    request = ask(slow)
    slow.until(started)
    begin = time.monotonic()
    slow.notify("$/cancelRequest", {"id": request})
    slow.until(stopped)
    assert time.monotonic() - begin < 2
    if not answered(slow, request):
        slow.seen.append(slow.wait(request))
    messages = list(slow.seen)
    answer = next(message for message in messages if message.get("id") == request)
    assert answer["error"]["code"] == -32800
    assert any(progress("end")(message) for message in messages) or slow.until(progress("end"))


def answered(client: RawClient, request: int) -> bool:
    return any(message.get("id") == request for message in client.seen)


def test_cancelling_the_progress(slow: RawClient) -> None:
    request = ask(slow)
    slow.until(started)
    slow.notify("window/workDoneProgress/cancel", {"token": "token"})
    slow.until(stopped)
    if not answered(slow, request):
        slow.seen.append(slow.wait(request))
    answer = next(message for message in slow.seen if message.get("id") == request)
    assert answer["error"]["code"] == -32800


def test_the_same_token_again(slow: RawClient) -> None:
    for _ in range(2):
        request = ask(slow)
        slow.until(started)
        slow.notify("$/cancelRequest", {"id": request})
        slow.until(stopped)


def test_end_of_input_stops_what_runs(slow: RawClient) -> None:
    ask(slow)
    slow.until(started)
    assert slow.process.stdin
    slow.process.stdin.close()
    assert slow.end() == 1


def test_an_untrusted_workspace_runs_nothing() -> None:
    client = RawClient(SLOW, workspaceTrusted=False)
    try:
        client.initialize()
        client.open(URI, "import torch\n")
        answer = client.wait(ask(client))
        assert answer["error"]["code"] == -32803 and "trusted" in answer["error"]["message"]
        assert not any(started(message) for message in client.seen)
    finally:
        client.close()


def test_only_the_named_entry_is_run(slow: RawClient) -> None:
    ask(slow, entry="f")
    assert slow.until(started)["params"]["entries"] == ["f"]
    answer = slow.wait(ask(slow, entry="nothing"))
    assert answer["error"]["message"] == "There is no entry named nothing."


def test_the_twin_is_run_as_it_is_shown_on_the_device_that_was_asked_for(slow: RawClient) -> None:
    ask(slow, layout="preserve", device="cpu")
    values = slow.until(started)["params"]
    assert (values["layout"], values["device"]) == ("preserve", "cpu")
    assert "one of auto, cpu, cuda" in slow.wait(ask(slow, device="tpu"))["error"]["message"]


def test_what_each_line_assigned_is_told_where_it_is_asked_for(slow: RawClient) -> None:
    ask(slow, lines=True)
    assert slow.until(started)["params"]["lines"] is True
    assert "lines is true or false" in slow.wait(ask(slow, lines=1))["error"]["message"]


def test_interpreters_that_the_editor_finds_later_are_used(slow: RawClient) -> None:
    found = {"torchInterpreter": "/one/python", "tensorflowInterpreter": "/two/python"}
    slow.notify("workspace/didChangeConfiguration", {"settings": {"diptych": found}})
    ask(slow)
    assert slow.until(started)["params"]["interpreters"] == ["/one/python", "/two/python"]
    slow.notify("workspace/didChangeConfiguration", {"settings": None})


APART = {
    "kind": "value",
    "name": "y",
    "source": Place(3, "y = 2 * x"),
    "twin": Place(5, "y = 3 * x"),
    "text": "y is off by 1",
}


def test_the_line_that_parts_is_a_diagnostic_until_the_text_changes() -> None:
    text = "import torch\ndef f(x):\n    y = 2 * x\n    return y\n"
    server = DiptychServer()
    server.protocol._workspace = Documents(None)
    sent: list[types.PublishDiagnosticsParams] = []
    server.text_document_publish_diagnostics = sent.append  # type: ignore[method-assign]
    publisher = server.publisher
    found = divergence_diagnostic(Divergence(**APART), "f", Lines(text))  # type: ignore[arg-type]
    publisher.show_parted(URI, {"f": found})
    assert not sent  # no such document is open
    publisher._send(URI, 1, [])
    publisher.show_parted(URI, {"f": found})
    (shown,) = sent[-1].diagnostics
    assert (shown.code, shown.range) == ("divergence", types.Range(types.Position(2, 4), types.Position(2, 13)))
    assert shown.message.startswith("f differs from its twin, first here\ny is off by 1")
    publisher.show_parted(URI, {"g": None})
    assert sent[-1].diagnostics == [shown]
    publisher.show_parted(URI, {"f": None})
    assert sent[-1].diagnostics == []


@pytest.mark.slow
def test_both_frameworks_really_run() -> None:
    client = RawClient()
    try:
        client.initialize()
        client.open(URI, "import torch\n\n\n# diptych: x=float32[2,3]\ndef f(x):\n    return torch.relu(x)\n")
        result = client.wait(ask(client), timeout=240)["result"]
        (entry,) = result["entries"]
        assert (entry["entry"], entry["verdict"], entry["line"]) == ("f", "identical", 5)
        assert entry["summary"].startswith("identical: the same bits on ")
        reports = [message for message in client.seen if message.get("method") == "$/progress"]
        assert reports[0]["params"]["value"]["kind"] == "begin"
        answer = client.wait(client.ask("diptych/doctor"), timeout=240)["result"]
        assert "PyTorch" in answer["text"] and "Both sides can be run." in answer["text"]
        client.request("shutdown")
        client.notify("exit")
        assert client.end() == 0
    finally:
        client.close()
