"""``[tool.diptych]`` of a project, in the editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from raw import RawClient

TEXT = "import torch\nx = torch.ger(a, b)\ny = torch.qr(a)\n"


def test_what_a_project_ignores_is_neither_shown_nor_fixed(raw: RawClient, tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    settings.write_text('[tool.diptych.per-file-ignores]\n"model.py" = ["DPT105"]\n')
    uri = (tmp_path / "model.py").as_uri()
    raw.open(uri, TEXT)
    assert codes(raw, uri) == {"DPT108"}
    place = {"start": {"line": 1, "character": 5}, "end": {"line": 2, "character": 9}}
    params = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": [], "only": ["quickfix"]}}
    fixes = [each for each in raw.request("textDocument/codeAction", params)["result"] if each.get("diagnostics")]
    assert [each["diagnostics"][0]["code"] for each in fixes] == ["DPT108"]

    settings.write_text('[tool.diptych]\nignore = ["DPT108"]\nother = 1\n')
    raw.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": settings.as_uri(), "type": 2}]})
    told = raw.until(lambda message: message.get("method") == "window/showMessage")["params"]["message"]
    assert told.startswith(f"Diptych: {settings}") and "has no setting other" in told
    assert codes(raw, uri) == {"DPT105"}


def codes(client: RawClient, uri: str) -> set[Any]:
    """Those of the next diagnostics of a document."""

    def of_document(message: dict[str, Any]) -> bool:
        return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == uri

    return {item["code"] for item in client.until(of_document)["params"]["diagnostics"]}
