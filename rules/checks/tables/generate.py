"""Write what TensorFlow 2 did to the names of TensorFlow 1, from the upgrade tables that come with the installed package.

``python rules/checks/tables/generate.py`` writes ``tensorflow.json``:

- ``same``: old names whose new one is the very same object, or function, that ``tf.compat.v1`` still has by the old name;
- ``moved``: old names with a new one whose arguments may differ: ``[new name, arguments]``;
- ``v1``: old names that only ``tf.compat.v1`` still has;
- ``removed``: old names that the tables know and that nothing has;
- ``contrib``: names of ``tf.contrib`` that live on, and where;
- ``reordered``: functions whose arguments stand in another order: how many first ones do not, and the old order in the
  new names (``null`` where there is none);
- ``keywords``: keyword arguments that public functions no longer take, with their new names (``null``: none).

``arguments`` are what a call written for the old name may pass under the new one: the number of first arguments that
both have in common, the keywords that the new one takes, and the old keywords with their new names. Names of Keras are
left out.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "tensorflow.json"


def tables() -> dict[str, Any]:
    """All tables, as they are written."""
    from tensorflow.tools.compatibility.tf_upgrade_v2 import TFAPIChangeSpec

    spec = TFAPIChangeSpec()
    keywords = spec.function_keyword_renames
    found: dict[str, dict[str, Any]] = {"same": {}, "moved": {}, "v1": {}, "removed": {}, "contrib": {}}
    for old, new in spec.symbol_renames.items():
        if not old.startswith("tf.") or old.startswith("tf.keras.") or get(old) is not None:
            continue
        former = get("tf.compat.v1." + old.removeprefix("tf."))
        if old.startswith("tf.contrib."):
            if get(new) is not None and ".compat." not in new:
                found["contrib"][old] = new
        elif ".compat.v1." in new:
            found["v1" if get(new) is not None else "removed"][old] = new if get(new) is not None else None
        elif get(new) is not None and get(new) is former:
            found["same"][old] = new
        elif get(new) is not None and not new.startswith(("tf.keras.", "tf.raw_ops.")):
            found["moved"][old] = [new, arguments(former, get(new), keywords.get(old, {}))]
    found["reordered"] = {}
    for name in spec.function_reorders:
        order = reordered(name, keywords.get(name, {})) if name.startswith("tf.") else None
        if order is not None:
            found["reordered"][name] = order
    found["keywords"] = {}
    for name, renames in keywords.items():
        now = parameters(get(name)) if name.startswith("tf.") else None
        if now is None or parameters(get("tf.compat.v1." + name.removeprefix("tf."))) is None:
            continue
        gone = {old: new for old, new in renames.items() if old not in now and (new is None or new in now)}
        if gone:
            found["keywords"][name] = dict(sorted(gone.items()))
    return {key: dict(sorted(table.items())) for key, table in found.items()}


def reordered(name: str, renames: dict[str, str | None]) -> list[Any] | None:
    """For a function that both versions have: how many first arguments are the same, and the old order in new names."""
    before = parameters(get("tf.compat.v1." + name.removeprefix("tf.")))
    after = parameters(get(name))
    if before is None or after is None:
        return None
    common = arguments(get("tf.compat.v1." + name.removeprefix("tf.")), get(name), renames)[0]
    order = [renames.get(one, one) if one not in after else one for one in before]
    if common == len(before):
        return None
    return [common, [one if one in after else None for one in order]]


def get(name: str) -> Any:
    """What a public name stands for; ``None`` if there is no such name."""
    import tensorflow as tf

    value: Any = tf
    for part in name.split(".")[1:]:
        try:
            value = getattr(value, part)
        except AttributeError:
            return None
    return value


def parameters(function: Any) -> list[str] | None:
    """The names of a function's parameters; ``None`` if it takes any or is none."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if isinstance(function, type) or any(one.kind in (one.VAR_KEYWORD, one.VAR_POSITIONAL) for one in found):
        return None
    return [one.name for one in found]


def arguments(former: Any, now: Any, renames: dict[str, str | None]) -> list[Any]:
    """The number of first arguments in common, the new keywords, and old keywords with their new names."""
    before, after = parameters(former), parameters(now)
    if before is None or after is None:
        return [0, [], {}]
    common = 0
    for old, new in zip(before, after, strict=False):
        if new not in (old, renames.get(old)):
            break
        common += 1
    named = {old: new for old, new in renames.items() if new is not None and old not in after and new in after}
    return [common, after, dict(sorted(named.items()))]


if __name__ == "__main__":
    TABLE.write_text(json.dumps(tables(), indent=1) + "\n", encoding="utf-8")
