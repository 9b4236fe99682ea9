"""package.json is the one source of the extension's commands and settings: the code must agree with it."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from diptych.lsp.settings import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "package.json").read_text())
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "client" / "src").glob("**/*.ts")))
COMMANDS = {command["command"] for command in MANIFEST["contributes"]["commands"]}
SETTINGS = {
    name: setting for group in MANIFEST["contributes"]["configuration"] for name, setting in group["properties"].items()
}
# Read by the language client itself, under the name that it prescribes.
OF_THE_CLIENT = {"diptych.trace.server"}
OF_THE_SERVER = {f"diptych.{name}" for name in DEFAULTS}


def test_every_command_is_registered_and_every_registered_command_is_declared() -> None:
    registered = set(re.findall(r"register(?:Command)?\((?:context, log, )?\s*'(diptych\.\w+)'", CODE))
    assert registered == COMMANDS


def test_commands_named_anywhere_exist() -> None:
    named = set(re.findall(r"command:(diptych\.\w+)", CODE)) | set(re.findall(r"command = '(diptych\.\w+)'", CODE))
    in_menus = {entry["command"] for menu in MANIFEST["contributes"]["menus"].values() for entry in menu}
    assert named | in_menus <= COMMANDS


def test_every_setting_is_read_and_every_setting_read_is_declared() -> None:
    read = {f"diptych.{name}" for name in re.findall(r"\bread(?:<[^>]*>)?\('([\w.]+)'", CODE)}
    assert read | OF_THE_CLIENT | OF_THE_SERVER == set(SETTINGS)
    assert not read & OF_THE_SERVER


def test_settings_read_fall_back_to_their_declared_defaults() -> None:
    for name, fallback in re.findall(r"\bread(?:<[^>]*>)?\('([\w.]+)', ([^,)]+)", CODE):
        assert json.loads(fallback.replace("'", '"')) == SETTINGS[f"diptych.{name}"]["default"], name
    for name, default in DEFAULTS.items():
        assert default == SETTINGS[f"diptych.{name}"]["default"], name


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_settings_are_documented_and_scoped(name: str) -> None:
    setting = SETTINGS[name]
    text = setting.get("description") or setting.get("markdownDescription")
    assert text and text.endswith("."), name
    assert setting["scope"] in {"window", "resource", "machine-overridable"}
    if "enum" in setting:
        assert len(setting["enum"]) == len(setting["enumDescriptions"])


def test_settings_that_choose_what_runs_are_ignored_in_untrusted_workspaces() -> None:
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    assert restricted == {name for name in SETTINGS if name.lower().endswith("interpreter")}


def test_titles_are_in_title_case_under_one_category() -> None:
    for command in MANIFEST["contributes"]["commands"]:
        assert command["category"] == "Diptych"
        words = [word for word in command["title"].split() if word not in {"a", "as", "by", "in", "of", "the"}]
        assert all(word[0].isupper() for word in words), command["title"]


def test_the_readme_of_the_extension_lists_every_setting_with_its_default() -> None:
    readme = (ROOT / "client" / "README.md").read_text()
    for name, setting in SETTINGS.items():
        assert f"| `{name}` | `{json.dumps(setting['default'])}` |" in readme, name


def test_the_walkthrough_runs_commands_that_exist_and_shows_pictures() -> None:
    for walkthrough in MANIFEST["contributes"]["walkthroughs"]:
        for step in walkthrough["steps"]:
            named = set(re.findall(r"command:([\w.]+)", step["description"]))
            awaited = {event.removeprefix("onCommand:") for event in step["completionEvents"]}
            assert {name for name in named | awaited if name.startswith("diptych.")} <= COMMANDS
            assert (ROOT / step["media"]["image"]).is_file() and step["media"]["altText"]


def test_files_that_the_manifest_and_its_readme_name_exist() -> None:
    named = re.findall(r'"(client/images/[^"]+)"', (ROOT / "package.json").read_text())
    assert named
    named += re.findall(r"\((client/images/[^)]+)\)", (ROOT / "client" / "README.md").read_text())
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_extension_and_the_server_have_one_version() -> None:
    server = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert MANIFEST["version"] == server["project"]["version"]
