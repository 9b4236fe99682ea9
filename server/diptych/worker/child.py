"""A forked child: loads one side's text and answers run requests until the server closes the connection."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib
import importlib.util
import linecache
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .channel import Channel, Closed
from .draws import SESSION, Draws
from .recorder import Recorder, lines_of
from .values import Flat, bind, flatten, materialise


def run_child(side: Any, channel: Channel, start: dict[str, Any], setup: Optional[dict[str, Any]] = None) -> int:
    """Serve one claim. ``start`` holds ``scratch``, ``precision``, ``device``, ``seed``; ``setup`` is what the side
    said to precision and device, where it was set up before.
    """
    if start["do"] == "fork":
        die_with_parent()
    os.chdir(start["scratch"])
    try:
        ready = {"ok": True, **(setup or side.setup(start["precision"], start["device"]))}
        side.seed(start["seed"])
        random.seed(start["seed"])  # Keras draws its initial weights with seeds from here
        np.random.seed(start["seed"] % 2**32)
    except Exception as error:
        channel.send({"ok": False, "error": f"{type(error).__name__}: {error}"})
        return 0
    channel.send(ready)
    child = Child(side)
    while True:
        try:
            request = channel.receive()
        except Closed:
            return 0
        handler = getattr(child, "do_" + request.pop("do"))
        try:
            answer = {"ok": True, **(handler(**request) or {})}
        except (KeyboardInterrupt, SystemExit, Exception) as error:
            answer = {"ok": False, **child.explain(error)}
        channel.send(answer)


def exhausted(error: BaseException) -> Optional[str]:
    """What a computation ran out of, if that is why it failed."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk space"
    kind, text = type(error).__name__, str(error).lower()
    starved = ("not enough memory", "can't allocate memory", "out of memory", "alloc_failed")
    starving = isinstance(error, RuntimeError) and any(words in text for words in starved)
    if not (isinstance(error, MemoryError) or kind in ("OutOfMemoryError", "ResourceExhaustedError") or starving):
        return None
    return "GPU memory" if any(word in text for word in ("cuda", "cublas", "gpu")) else "memory"


def die_with_parent() -> None:
    """On Linux, ask to be killed when the standby process goes; elsewhere the closed socket ends the child."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Child:
    """The state of one side of a claim in one precision."""

    def __init__(self, side: Any) -> None:
        self.side = side
        self.module: Any = None
        self.path = ""
        self.target: Any = None
        self.kept: list[Any] = []
        self.recorder: Any = None

    def explain(self, error: BaseException) -> dict[str, Any]:
        """The error, with the lines of user code that it passed through; the last one is its own."""
        lines = lines_of(error, self.path)
        line = lines[-1] if lines else None
        if isinstance(error, SyntaxError) and error.filename == self.path:
            line = error.lineno
        text = str(error).strip().split("\n\n")[0].strip() or "no message"
        kind = type(error).__name__
        told = {"error": f"{kind}: {text}", "error_type": kind, "exhausted": exhausted(error)}
        return {**told, "error_line": line, "error_lines": lines}

    def do_load(
        self, text: str, name: str, folders: list[str], package: str = "", recorded: bool = False
    ) -> dict[str, Any]:
        """Execute the text as a module, of ``package`` where it has relative imports; ``folders`` join ``sys.path`` so
        that its neighbours can be imported. ``recorded`` prepares it for :meth:`do_trace` and tells its sites.
        """
        sys.path[:0] = folders
        file = Path.cwd() / (name + ".py")
        file.write_bytes(text.encode("utf-8"))
        self.path = str(file)
        linecache.checkcache(self.path)
        spec = importlib.util.spec_from_file_location(f"{package}.diptych_{name}".lstrip("."), self.path)
        assert spec is not None and spec.loader is not None
        self.module = importlib.util.module_from_spec(spec)
        sys.modules[self.module.__name__] = self.module
        if recorded:
            self.recorder = Recorder(self.side, text, self.path)
        with self.side.precision():
            if self.recorder is not None:
                self.recorder.execute(self.module)
                return {"sites": self.recorder.sites}
            spec.loader.exec_module(self.module)
        return {}

    def do_target(self, name: str, kind: str, constructor: Any) -> dict[str, Any]:
        """Find the entry, constructing it where it is a class; says what it is: ``model``, ``function`` or
        ``other``.
        """
        found: Any = self.module
        for part in name.split("."):
            if not hasattr(found, part):
                raise NameError(f"nothing named {name} is defined")
            found = getattr(found, part)
        if kind == "class":
            if not self.side.is_model_class(found):
                return {"is": "other", "type": "class" if isinstance(found, type) else type(found).__name__}
            arguments, named = bind(self.side, self.module, found.__init__, constructor, skip=1)
            with self.side.precision(), self.recorder.preparing() if self.recorder else contextlib.nullcontext():
                found = found(*arguments, **named)
        self.target = found
        if self.side.is_model(found):
            return {"is": "model", "inputs": self.side.model_inputs(found)}
        return {"is": "function" if callable(found) else "other", "type": type(found).__name__}

    def do_read_weights(self, path: str, keep: Optional[int] = None) -> dict[str, Any]:
        """The weights in a file under torch's names; a Keras model must have been called before."""
        model = self.target if keep is None else self.kept[keep]
        return {"state": self._files().read_weights(Path(path), model)}

    def do_write_weights(self, path: str, keep: Optional[int] = None) -> None:
        """Write the weights of the target, or of a model that it returned, into a file."""
        self._files().write_weights(Path(path), self.target if keep is None else self.kept[keep])

    def _files(self) -> Any:
        return importlib.import_module(f".{self.side.NAME}_files", __package__)

    def do_snapshots(self, start: int, states: list[dict[str, np.ndarray]]) -> None:
        """Learn the initial states of the outermost models, in order of first call."""
        SESSION.snapshots[start:] = states

    def do_run(
        self,
        arguments: list[dict[str, Any]],
        training: bool | None,
        draws: list[dict[str, Any]] | None,
        permutations: list[list[int]],
        outputs: list[Any],
        seed: int,
        nudge: float = 0.0,
        prefer_permuted: bool = False,
        gradients: bool = True,
        traced: str | None = None,
        keep: int | None = None,
        shared_batch: bool = False,
        known: int = 0,
    ) -> dict[str, Any]:
        """One call of the target (or of the ``keep``-th model that it returned before) with everything that it did."""
        side, module = self.side, self.module
        record = Draws(seed, draws, permutations)
        record.prefer_permuted = prefer_permuted
        target = self.target if keep is None else self.kept[keep]
        SESSION.start(record, nudge)
        try:
            with SESSION.pause(), side.precision():
                materialised = materialise(side, module, arguments)
            before = side.generator_state()
            if side.is_model(target):
                side.set_mode(target, training)

            def call(leaves: dict[str, Any]) -> Any:
                positional, named = bind(side, module, target, materialised.place(leaves))
                return side.invoke(target, training, positional, named, bool(traced))

            function = f"{traced}:{'batch' if shared_batch else ''}" if traced else None
            result, roots, given = side.run(call, materialised.leaves, function, gradients)
            record.finish()
            problem = record.problem
            if problem is None and side.unrecorded_draws(before):
                problem = "random numbers were drawn that could not be recorded"
            models = list(SESSION.models)
        finally:
            SESSION.draws = None
        flat = flatten(side, result)
        if keep is None:
            self.kept = flat.models
        answer: dict[str, Any] = {
            "structure": flat.structure,
            "leaves": flat.leaves,
            "draws": record.items,
            "draw_problem": problem,
            "draw_difference": record.difference,
            "draw_ambiguous": record.ambiguous,
            "snapshots": SESSION.snapshots[known:] if SESSION.recording else None,
            "models": len(models),
            "kept": [{"inputs": self._inputs_of(model, models)} for model in flat.models],
            "changed": self._changed(materialised.leaves, given),
            "states": [],
            "sums": [],
        }
        for index, model in enumerate(models):
            answer["states"].append(side.state_of(model, index))
            answer["sums"].append(side.sums_of(index))
        if gradients:
            answer.update(self._gradients(flat, roots, models, outputs, seed))
        return answer

    def do_time(self, arguments: list[dict[str, Any]], training: Optional[bool], traced: bool) -> dict[str, Any]:
        """The median time of a call of the target, random numbers drawn by the framework: after two calls to warm
        up, as many as fit into a quarter of a second, three to fifty.
        """
        side, target = self.side, self.target
        materialised = materialise(side, self.module, arguments)
        if side.is_model(target):
            side.set_mode(target, training)
        ready = materialised.place(materialised.leaves)

        def call() -> Any:
            positional, named = bind(side, self.module, target, ready)
            return side.invoke(target, training, positional, named, False)

        with side.precision():
            repeated = side.compiled(call) if traced else call
            seconds: list[float] = []
            for number in range(52):
                started = time.perf_counter()
                side.finish(repeated())
                taken = time.perf_counter() - started
                if number >= 2:
                    seconds.append(taken)
                if len(seconds) >= 3 and sum(seconds) > 0.25:
                    break
        return {"seconds": float(np.median(seconds)), "calls": len(seconds)}

    def do_trace(self, wanted: list[int], room: int, gradients: bool, states: bool, **run: Any) -> dict[str, Any]:
        """Run as :meth:`do_run` does, and tell what each line assigned; an error ends the record, and is told."""
        self.recorder.start(wanted, room, gradients, states)
        answer: dict[str, Any] = {"error": None, "error_lines": [], "gradients": {}}
        try:
            done = self.do_run(**run, gradients=gradients)
            answer["gradients"] = {
                name: value for name, value in (done.get("gradients") or {}).items() if name in self.recorder.tensors
            }
        except (KeyboardInterrupt, SystemExit, Exception) as error:
            answer.update(error=self.explain(error)["error"], error_lines=lines_of(error, self.path))
        finally:
            self.recorder.stop()
        return {**answer, **self.recorder.answer()}

    def _inputs_of(self, model: Any, models: list[Any]) -> Any:
        declared = self.side.model_inputs(model)
        if declared is None:
            for known, shapes in zip(models, SESSION.input_shapes):
                if known is model:
                    return shapes
        return declared

    def _changed(self, leaves: dict[str, Any], given: dict[str, Any]) -> list[str]:
        changed = []
        for name, leaf in leaves.items():
            before, after = self.side.to_numpy(leaf)[0], self.side.to_numpy(given[name])[0]
            if before.shape != after.shape or not np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"):
                changed.append(name)
        return changed

    def _gradients(self, flat: Flat, roots: Any, models: list[Any], outputs: list[Any], seed: int) -> dict[str, Any]:
        tensors, cotangents = [], []
        for index, (value, position) in enumerate(flat.tensors):
            if not self.side.differentiable(value):
                continue
            permutation = outputs[0] if len(outputs) == 1 else outputs[index] if index < len(outputs) else None
            shape = tuple(int(size) for size in value.shape)
            rng = np.random.default_rng([seed, 77, position])
            if permutation is not None and len(permutation) == len(shape):
                source = [0] * len(shape)
                for axis, origin in enumerate(permutation):
                    source[origin] = shape[axis]
                cotangent = np.transpose(rng.standard_normal(source), permutation)
            else:
                cotangent = rng.standard_normal(shape)
            tensors.append(value)
            cotangents.append(np.asarray(cotangent).astype(np.float32).astype(np.float64))
        if not tensors:
            return {"gradients": None, "gradient_note": "no output is a tensor of floats"}
        if self.recorder is not None:
            roots = self.recorder.framework.with_tensors(roots, self.recorder.tensors)
        try:
            return {"gradients": self.side.gradients(tensors, cotangents, roots, models), "gradient_note": None}
        except LookupError as error:
            return {"gradients": None, "gradient_note": str(error)}
        except Exception as error:
            return {"gradients": None, "gradient_error": self.explain(error)["error"], "gradient_note": None}
