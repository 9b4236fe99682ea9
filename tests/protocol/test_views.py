"""What is shown without being asked for: lenses, hints, completion; and the settings that switch them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from raw import RawClient

URI = "file:///work/model.py"
MODEL = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        y = self.conv(x)
        return torch.flatten(y, 1)


def f(x):
    return torch.fx.wrap(x)
"""
KERAS = "import tensorflow as tf\n\n\ndef f(x):\n    return {typed}\n"
ITEM = {"completionItem": {"snippetSupport": True}}


@pytest.fixture(scope="module")
def client() -> Iterator[RawClient]:
    client = RawClient()
    client.answers["workspace/configuration"] = [{}, {}]
    workspace = {
        "configuration": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
        "inlayHint": {"refreshSupport": True},
    }
    general = {"positionEncodings": ["utf-8", "utf-16"]}
    answer = client.initialize(
        ["file:///work"], workspace=workspace, textDocument={"completion": ITEM}, general=general
    )
    assert answer["result"]["capabilities"]["positionEncoding"] == "utf-16"
    yield client
    client.close()


def lenses(client: RawClient) -> list[tuple[int, str, str]]:
    found = client.request("textDocument/codeLens", {"textDocument": {"uri": URI}})["result"]
    assert all(lens["command"]["arguments"][0] == URI for lens in found)
    return [(lens["range"]["start"]["line"], lens["command"]["title"], lens["command"]["command"]) for lens in found]


def hints(client: RawClient, last: int = 99) -> list[tuple[int, int, str]]:
    place = {"start": {"line": 0, "character": 0}, "end": {"line": last, "character": 0}}
    found = client.request("textDocument/inlayHint", {"textDocument": {"uri": URI}, "range": place})["result"] or []
    return [(hint["position"]["line"], hint["position"]["character"], hint["label"]) for hint in found]


def test_lenses_stay_while_the_text_does_not_parse(client: RawClient) -> None:
    client.open(URI, MODEL)
    expected = [
        (4, "Twin", "diptych.showTwin"),
        (4, "Verify", "diptych.verify"),
        (14, "Twin (1 left over)", "diptych.showTwin"),
    ]
    assert lenses(client) == expected
    broken = MODEL.replace("        y = self.conv(x)", "        # 😋\n        y = self.conv(x")
    client.change(URI, 2, {"text": broken})
    assert lenses(client) == [(line + (line > 10), title, command) for line, title, command in expected]
    assert hints(client) == []


def test_hints_stand_after_the_names(client: RawClient) -> None:
    client.open(URI, MODEL)
    assert hints(client) == [(10, 9, ": float[?,8,?,?]")]
    assert hints(client, last=9) == []


def test_settings_switch_what_is_shown(client: RawClient) -> None:
    client.open(URI, MODEL)
    assert lenses(client) and hints(client)
    registered = [m["params"] for m in client.seen if m.get("method") == "client/registerCapability"]
    names = {each["method"] for params in registered for each in params["registrations"]}
    assert names == {"workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"}
    own = {"codeLens": {"enabled": False}, "inlayHints": {"shapes": False}, "completion": {"equivalents": False}}
    client.answers["workspace/configuration"] = [{}, own]
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.until(lambda message: message.get("method") == "workspace/inlayHint/refresh")
    assert not lenses(client) and not hints(client)
    assert completed(client, "nn.Conv2") is None
    client.answers["workspace/configuration"] = [{}]
    folders = {"added": [], "removed": [{"uri": "file:///work", "name": "work"}]}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": folders})
    client.until(lambda message: message.get("method") == "workspace/inlayHint/refresh")
    assert lenses(client) and hints(client)


def completed(client: RawClient, typed: str, text: str = KERAS) -> Any:
    text = text.replace("{typed}", typed)
    client.open("file:///work/typed.py", text)
    offset = text.index(typed) + len(typed)
    line = text.count("\n", 0, offset)
    position = {"line": line, "character": offset - text.rfind("\n", 0, offset) - 1}
    params = {"textDocument": {"uri": "file:///work/typed.py"}, "position": position}
    return client.request("textDocument/completion", params)["result"]


def test_a_foreign_name_offers_ours(client: RawClient) -> None:
    item = next(each for each in completed(client, "nn.Conv2")["items"] if each["label"] == "nn.Conv2d")
    assert item["textEdit"]["newText"] == "tf.keras.layers.Conv2D"
    assert item["textEdit"]["range"]["start"] == {"line": 4, "character": 11}
    assert "additionalTextEdits" not in item
    resolved = client.request("completionItem/resolve", item)["result"]
    assert "nn.Conv2d(" in resolved["documentation"]["value"]


def test_ours_for_theirs_brings_its_import(client: RawClient) -> None:
    text = '"""Nets."""\nfrom torch import nn\n\nx = {typed}\n'
    (item,) = [each for each in completed(client, "tf.reduce_su", text)["items"] if each["label"] == "tf.reduce_sum"]
    assert item["textEdit"]["newText"] == "torch.sum" and item["detail"] == "→ torch.sum"
    (edit,) = item["additionalTextEdits"]
    assert edit["newText"] == "import torch\n" and edit["range"]["start"] == {"line": 2, "character": 0}
    (item,) = completed(client, "tf.keras.layers.Dens", text)["items"]
    assert (item["label"], item["textEdit"]["newText"]) == ("tf.keras.layers.Dense", "nn.Linear")


def test_an_expression_has_places_to_fill(client: RawClient) -> None:
    item = next(each for each in completed(client, "F.mse_")["items"] if each["label"] == "F.mse_loss")
    assert item["textEdit"]["newText"] == "tf.reduce_mean(tf.square(${1:x} - ${2:y}))" and item["insertTextFormat"] == 2


@pytest.mark.parametrize(
    "typed, text",
    [
        ("tf.reduce_su", KERAS),  # it is ours already
        ("x.nn.Conv", KERAS),
        ("# torch.relu", KERAS),
        ("'torch.rel", KERAS),
        ("F.rel", KERAS.replace("def f(x)", "def f(x, F)")),
        ("import torch.n", "import tensorflow as tf\n{typed}\n"),
        ("torch.rel", "{typed}\n"),
        ("torch.rel", "import torch\nimport tensorflow as tf\n{typed}\n"),
        ("torch.rel", 'import tensorflow as tf\n"""\n{typed}\n"""\n'),
    ],
)
def test_silent_elsewhere(client: RawClient, typed: str, text: str) -> None:
    assert completed(client, typed, text) is None


def test_versions_that_do_not_suit_are_told_once() -> None:
    client = RawClient(settings={"frameworks": {"versions": {"tensorflow": "2.15.1", "keras": "2.15.0"}}})
    try:
        client.initialize()
        for _ in range(2):
            assert "keras" in client.request("diptych/convert", {"text": MODEL})["result"]["twin"]
        assert client.request("diptych/convert", {"text": MODEL, "to": "torch"})["result"]
        told = [m["params"] for m in client.seen if m.get("method") == "window/showMessage"]
        assert not told or len(told) == 1
        told = told or [client.until(lambda m: m.get("method") == "window/showMessage")["params"]]
        assert told[0]["type"] == 3 and "written for Keras 3; here is Keras 2.15.0" in told[0]["message"]
    finally:
        client.close()
