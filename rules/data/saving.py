"""Files: states saved and restored as ``tf.train.Checkpoint`` does, and downloads kept as Keras keeps them."""

import os
import pathlib
import shutil

import torch

from diptych.catalog.language import *


@helper
class Checkpoint:
    """Saves and restores the states of models, optimizers and tensors, by the names that they are given here."""

    def __init__(self, **parts):
        self.parts, self.save_counter = parts, 0
        vars(self).update(parts)

    def write(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        states = {name: p.state_dict() if hasattr(p, "state_dict") else p.detach() for name, p in self.parts.items()}
        torch.save({"save_counter": self.save_counter, **states}, path)
        return path

    def save(self, file_prefix):
        self.save_counter += 1
        return self.write(f"{file_prefix}-{self.save_counter}")

    def read(self, path):
        states = {} if path is None else torch.load(path)
        self.save_counter = states.pop("save_counter", self.save_counter)
        for name, state in states.items():
            part = self.parts.get(name)
            if hasattr(part, "load_state_dict"):
                part.load_state_dict(state)
            elif part is not None:
                part.detach().copy_(state)
        return self

    def restore(self, path):
        return self.read(path)

    def expect_partial(self):
        return self

    def assert_consumed(self):
        return self

    def assert_existing_objects_matched(self):
        return self


@helper
def save_model(model, path):
    """Write a whole model to a file, but for what it was compiled with."""
    compiled = vars(model).pop("compiled", None)
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    torch.save(model, path)
    if compiled is not None:
        model.compiled = compiled


@helper
def latest_checkpoint(checkpoint_dir):
    """The path of what was saved last in a folder; ``None`` if nothing was."""
    paths = [path for path in pathlib.Path(checkpoint_dir).glob("*-*") if path.name.rpartition("-")[2].isdigit()]
    last = max(paths, key=lambda path: (path.stat().st_mtime_ns, int(path.name.rpartition("-")[2])), default=None)
    return None if last is None else str(last)


@helper
class CheckpointManager:
    """Saves a checkpoint under numbered names in a folder, and keeps the last few."""

    def __init__(self, checkpoint, directory, max_to_keep, checkpoint_name="ckpt"):
        self.checkpoint, self.directory, self.max_to_keep = checkpoint, directory, max_to_keep
        self.prefix = str(pathlib.Path(directory) / checkpoint_name)
        last = latest_checkpoint(directory)
        self.checkpoints = [] if last is None else [last]

    @property
    def latest_checkpoint(self):
        return self.checkpoints[-1] if self.checkpoints else None

    def save(self):
        self.checkpoints.append(self.checkpoint.save(self.prefix))
        while self.max_to_keep is not None and len(self.checkpoints) > self.max_to_keep:
            pathlib.Path(self.checkpoints.pop(0)).unlink()
        return self.latest_checkpoint


@helper
def get_file(
    fname=None, origin=None, untar=False, file_hash=None, cache_subdir="datasets", extract=False, cache_dir=None,
    force_download=False,
):  # fmt: skip
    """The path of a file, or of a folder of what was in it, in Keras' cache; downloaded unless it is there."""
    folder = pathlib.Path(cache_dir or os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / cache_subdir
    name = fname or origin.split("?")[0].rpartition("/")[2]
    target = content = folder / name
    if extract or untar:
        dotted = fname is not None and "." in fname
        content = folder / f"{name[: name.find('.')]}_extracted" if dotted else target
        target = target if dotted else folder / f"{name}_archive"
    folder.mkdir(parents=True, exist_ok=True)
    if force_download or not target.exists():
        torch.hub.download_url_to_file(origin, str(target), hash_prefix=file_hash, progress=False)
    if extract or untar:
        formats = {"zip": "zip", "tar": "tar", "gz": "gztar", "tgz": "gztar", "bz2": "bztar"}
        kind = formats.get((name if dotted else origin).rpartition(".")[2], "gztar")
        shutil.unpack_archive(target, content, kind)
    return str(content)


@helper
def save_module(obj, export_dir):
    """Write a whole module into a folder of its own."""
    save_model(obj, pathlib.Path(export_dir) / "module.pt")


@helper
def load_module(export_dir):
    """A module that ``save_module`` wrote into a folder."""
    return torch.load(pathlib.Path(export_dir) / "module.pt", weights_only=False)
