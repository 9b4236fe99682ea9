"""``workspace/didChangeConfiguration``, ``didChangeWatchedFiles`` and ``didChangeWorkspaceFolders``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from diptych.lsp.settings import SECTION

if TYPE_CHECKING:
    from diptych.lsp.server import DiptychServer

logger = logging.getLogger(__name__)

# Files that change what is said of others.
WATCHED = ("**/pyproject.toml", "**/.diptych/rules/*.py")
INTERPRETERS = ("torchInterpreter", "tensorflowInterpreter")


def register(server: DiptychServer) -> None:
    """Follow what changes around the documents."""
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(configuration_changed)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(files_changed)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(folders_changed)


async def begin(ls: DiptychServer) -> None:
    """Ask to be told of changes, where the editor must be asked, and read the settings."""
    workspace = ls.client_capabilities.workspace
    wanted: list[types.Registration] = []
    if workspace and (watching := workspace.did_change_watched_files) and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        options: Any = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        wanted.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if workspace and (changes := workspace.did_change_configuration) and changes.dynamic_registration:
        options = types.DidChangeConfigurationRegistrationOptions(section=SECTION)
        wanted.append(types.Registration("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, options))
    if wanted:
        try:
            await ls.client_register_capability_async(types.RegistrationParams(wanted))
        except JsonRpcException as error:  # an editor that promises more than it keeps
            logger.warning("The editor will not tell of changes: %s", error)
    await read_settings(ls)


async def read_settings(ls: DiptychServer) -> None:
    """Ask the editor for its settings, in general and for each folder, where it can be asked."""
    workspace = ls.client_capabilities.workspace
    if not (workspace and workspace.configuration):
        return
    folders = list(ls.workspace.folders)
    items = [types.ConfigurationItem(section=SECTION)]
    items += [types.ConfigurationItem(scope_uri=folder, section=SECTION) for folder in folders]
    try:
        general, *own = await ls.workspace_configuration_async(types.ConfigurationParams(items))
    except JsonRpcException as error:
        logger.warning("The editor does not tell its settings: %s", error)
        return
    ls.settings.general = general if isinstance(general, dict) else {}
    ls.settings.folders = {
        folder: values if isinstance(values, dict) else {} for folder, values in zip(folders, own, strict=False)
    }


async def configuration_changed(ls: DiptychServer, params: types.DidChangeConfigurationParams) -> None:
    """Take what is sent, settings and interpreters (``{"diptych": {"torchInterpreter": ...}}``), and ask for settings
    where that can be done; then let the editor ask again for what depends on them.
    """
    sent = params.settings.get(SECTION) if isinstance(params.settings, dict) else None
    if isinstance(sent, dict):
        ls.settings.general = sent
        interpreters = {name: sent[name] for name in INTERPRETERS if isinstance(sent.get(name), str)}
        ls.options |= interpreters
    await read_settings(ls)
    ls.refresh_views()


async def files_changed(ls: DiptychServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Look at the open documents again: settings of the project or rules of its own have changed."""
    ls.look_again()


async def folders_changed(ls: DiptychServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Read the settings of the folders that there are now, and look at the documents again."""
    await read_settings(ls)
    ls.look_again()
