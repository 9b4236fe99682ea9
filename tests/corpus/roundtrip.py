"""torch -> TensorFlow -> torch: whether what comes back computes what the original computes."""

from __future__ import annotations

import traceback

from diptych.conversion.result import Conversion, Layout

from .measure import Known, Measured, converted, folder_of, judged, verdict_on
from .models import ENTRY, Model
from .vendored import Vendored


def measure(model: Model, layout: Layout, timeout: float, known: Known) -> Measured:
    """Convert there and back, and verify the original against what came back; nothing is ``known`` of that before."""
    vendored = Vendored(model)
    sources, within = vendored.texts, vendored.within
    try:
        there = converted(sources, "tensorflow", layout)
        back = converted({path: conversion.twin for path, conversion in there.items()}, "torch", layout)
    except Exception:
        return Measured(model, layout, "crash", traceback.format_exc(limit=-1).strip().splitlines()[-1])
    path = model.path_in_library
    if lost := _without_entry(there[path], back[path]):
        return Measured(model, layout, "undecided", lost)
    texts = {name: each.twin for name, each in back.items()}
    with folder_of(sources, within) as source, folder_of(texts, within) as twin:
        verdict = verdict_on(there[path], source / path, twin / path, timeout, back[path])
    row = judged(model, layout, [*there.items(), *back.items()], verdict)
    known.add(f"{model.name} and back", row)
    return row


def _without_entry(there: Conversion, back: Conversion) -> str | None:
    """Why there is no model to compare: one of the conversions tells of none; ``None`` where both do."""
    for conversion in (there, back):
        if not any(entry.name == ENTRY for entry in conversion.entries):
            return f"the conversion to {conversion.to} tells of no {ENTRY}"
    return None
