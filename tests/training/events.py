"""What event files hold: ``python -m tests.training.events FOLDER`` prints it as JSON, by folder, tag and step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def read(folder: Path) -> dict[str, Any]:
    """Scalars, texts and images by ``folder|tag|step``; of a histogram, that it is there."""
    import tensorflow as tf

    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                place = path.parent.relative_to(folder).as_posix()
                found[f"{place}|{value.tag}|{event.step}"] = _content(tf, value)
    return found


def _content(tf: Any, value: Any) -> Any:
    if value.HasField("image"):
        return _pixels(tf, value.image.encoded_image_string)
    if value.HasField("histo") or value.metadata.plugin_data.plugin_name == "histograms":
        return "histogram"
    if not value.HasField("tensor"):
        return value.simple_value
    content = tf.make_ndarray(value.tensor)
    if value.metadata.plugin_data.plugin_name == "images":
        return _pixels(tf, content[2])
    return content.ravel()[0].decode() if content.dtype == object else float(content)


def _pixels(tf: Any, encoded: bytes) -> list[Any]:
    return tf.io.decode_png(encoded, channels=3).numpy().tolist()


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]))))
