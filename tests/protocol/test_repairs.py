"""What the protocol asks for and pygls 2.1 does not do by itself."""

from __future__ import annotations

import time

import pytest
from raw import RawClient

URI = "file:///nowhere/model.py"


def test_request_that_does_not_decode_is_answered(raw: RawClient) -> None:
    answer = raw.request("textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": "first"}}, timeout=5)
    assert answer["error"]["code"] == -32602


def test_request_with_an_unknown_enum_value_is_answered(raw: RawClient) -> None:
    place = {"line": 0, "character": 0}
    context = {"diagnostics": [{"range": {"start": place, "end": place}, "message": "", "severity": 99}]}
    params = {"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": context}
    answer = raw.request("textDocument/codeAction", params, timeout=5)
    assert answer["error"]["code"] == -32602


def test_server_lives_on_after_a_body_that_is_not_json(raw: RawClient) -> None:
    raw.send_bytes(b"{nonsense")
    raw.notify("textDocument/didOpen", {"textDocument": "not a document"})
    raw.open(URI, "x = 1\n")
    assert raw.request("textDocument/hover", hover(0, 0), timeout=10)["result"] is None


def test_exit_code_is_0_after_shutdown(raw: RawClient) -> None:
    assert raw.request("shutdown") == {"jsonrpc": "2.0", "id": raw.last_id, "result": None}
    raw.notify("exit")
    assert raw.end() == 0


def test_exit_code_is_1_without_shutdown(raw: RawClient) -> None:
    raw.notify("exit")
    assert raw.end() == 1


def test_exit_code_is_1_when_the_editor_is_gone(raw: RawClient) -> None:
    assert raw.process.stdin
    raw.process.stdin.close()
    assert raw.end() == 1


def test_request_after_shutdown_is_refused(raw: RawClient) -> None:
    raw.request("shutdown")
    assert raw.request("textDocument/hover", hover(0, 0), timeout=5)["error"]["code"] == -32600


def test_shutdown_with_a_request_in_flight(slow: RawClient) -> None:
    running = slow.ask("diptych/verify", {"textDocument": {"uri": URI}})
    slow.until(lambda message: message.get("method") == "test/started")
    answer = slow.request("shutdown", timeout=5)
    assert "error" not in answer
    seen = [message for message in slow.seen if message.get("id") == running]
    assert "error" in (seen[0] if seen else slow.wait(running, timeout=5))
    started = time.monotonic()
    slow.notify("exit")
    assert slow.end() == 0
    assert time.monotonic() - started < 5


def test_busy_threads_do_not_make_the_server_deaf(slow: RawClient) -> None:
    for _ in range(12):
        slow.ask("diptych/verify", {"textDocument": {"uri": URI}})
    slow.until(lambda message: message.get("method") == "test/started")
    assert slow.request("textDocument/hover", hover(0, 0), timeout=5)["result"] is None


@pytest.mark.parametrize("method", ["diptych/convert", "diptych/verify"])
@pytest.mark.parametrize("params", [None, {}, {"textDocument": {}}, {"textDocument": {"uri": URI}, "to": "jax"}])
def test_wrong_parameters_of_our_requests(raw: RawClient, method: str, params: object) -> None:
    assert raw.request(method, params, timeout=5)["error"]["code"] == -32602


def test_stray_prints_do_not_reach_the_editor(slow: RawClient) -> None:
    slow.ask("diptych/verify", {"textDocument": {"uri": URI}})
    slow.until(lambda message: message.get("method") == "test/started")
    time.sleep(0.2)
    assert b"printed while verifying" in slow.errors


def hover(line: int, character: int) -> dict:
    return {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}}
