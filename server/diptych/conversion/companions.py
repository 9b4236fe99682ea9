"""Packages built on the framework that is converted from: what comes from them takes and gives its tensors, still."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from diptych.conversion import lightning
from diptych.conversion.names import ROOTS, dotted

if TYPE_CHECKING:
    from diptych.conversion.converter import Converter

# What such packages have besides that knows no tensors, or those of both frameworks.
NEUTRAL = re.compile(r"(?:Tokenizer|TokenizerFast|Config|\.logging|\.__version__)$|^transformers\.(?:TF|Flax)")


def imported(c: Converter, node: cst.Import | cst.ImportFrom) -> None:
    """Leave over what an import brings of a package of the other side, but for what the converted folder holds."""
    if isinstance(node, cst.Import):
        named = [(alias, dotted(alias.name) or "") for alias in node.names]
    elif node.relative or node.module is None:
        return
    elif isinstance(node.names, cst.ImportStar):
        named = [(node, dotted(node.module) or "")]
    else:
        named = [(alias, f"{dotted(node.module)}.{dotted(alias.name)}") for alias in node.names]
    told = set[str]()
    for part, name in named:
        if name.partition(".")[0] in ROOTS or NEUTRAL.search(name) or _is_converted(c, name):
            continue
        if c.source == "torch" and lightning.is_known(name):
            continue
        reason = c.index.reason(c.source, name)
        if reason is not None and reason.text not in told:
            told.add(reason.text)
            c.journal.error(part, name, reason.text)


def _is_converted(c: Converter, name: str) -> bool:
    """Whether this is a file of the converted folder, or a name in one."""
    return name in c.files or name.rpartition(".")[0] in c.files
