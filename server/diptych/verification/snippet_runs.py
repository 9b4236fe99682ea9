"""Runs pairs of snippets, one process for each framework, while more of them are being converted."""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diptych.catalog.rule import SIDES, Rule
from diptych.conversion import Conversion
from diptych.verification.snippets import Snippet

BATCH = 40
TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow"}


@dataclass
class Task:
    """A pair of texts to run. ``jobs`` holds those of the worker, by framework (see ``worker/snippets.py``)."""

    snippet: Snippet
    rule: Rule
    twin: str
    jobs: dict[str, dict[str, Any]]
    conversion: Conversion | None = None
    naive: bool = False


Results = dict[str, dict[str, Any]]


class FrameworkMissing(Exception):
    """A framework that this interpreter cannot import."""


class Process:
    """One framework in a process of its own, started anew when a snippet ends it."""

    def __init__(self, framework: str) -> None:
        self.framework = framework
        self.ready = False
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "diptych.worker.snippets", self.framework]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def run(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The results of the jobs, in their order. Raises ``FrameworkMissing``."""
        try:
            return self._exchanged(jobs)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.process.kill()
            code = self.process.wait()
            self.process = self._started()
            self.ready = False
            if len(jobs) == 1:
                return [{"error": f"the process ended with exit code {code}"}]
            return [result for job in jobs for result in self.run([job])]

    def _exchanged(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert self.process.stdin is not None and self.process.stdout is not None
        if not self.ready:
            problem = pickle.load(self.process.stdout)
            if problem is not None:
                raise FrameworkMissing(f"{sys.executable} cannot import {TITLES[self.framework]}: {problem}")
            self.ready = True
        pickle.dump(jobs, self.process.stdin)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()


class Pipeline:
    """Runs tasks in batches while more are converted: first in PyTorch, which makes the weights, then in TensorFlow,
    which takes longer and so has two processes. ``finished`` is called from their threads.

    Raises ``FrameworkMissing`` at its end.
    """

    def __init__(self, finished: Callable[[list[tuple[Task, Results]]], None]) -> None:
        self.finished = finished
        self.processes = [Process("torch"), Process("tensorflow"), Process("tensorflow")]
        self.waiting: list[Task] = []
        self.number = 0
        self.queues: dict[str, queue.Queue[Any]] = {side: queue.Queue() for side in SIDES}
        self.errors: list[BaseException] = []
        self.threads = [
            threading.Thread(target=self._serve, args=(process,), daemon=True) for process in self.processes
        ]

    def __enter__(self) -> Pipeline:
        for thread in self.threads:
            thread.start()
        return self

    def put(self, task: Task) -> None:
        """Add a task."""
        self.number += 1
        for job in task.jobs.values():
            job["id"] = self.number
        self.waiting.append(task)
        if len(self.waiting) >= BATCH:
            self._send()

    def _send(self) -> None:
        self.queues["torch"].put((self.waiting, []))
        self.waiting = []

    def _serve(self, process: Process) -> None:
        side = process.framework
        try:
            while (item := self.queues[side].get()) is not None:
                tasks, before = item
                results = process.run([task.jobs[side] for task in tasks])
                if side == "torch":
                    for task, result in zip(tasks, results, strict=True):
                        task.jobs["tensorflow"]["state"] = result.get("state", {})
                    self.queues["tensorflow"].put((tasks, results))
                else:
                    rows = zip(tasks, before, results, strict=True)
                    self.finished([(task, {"torch": a, "tensorflow": b}) for task, a, b in rows])
        except BaseException as error:
            self.errors.append(error)
        self.queues["tensorflow"].put(None)  # for each of its processes: from PyTorch's, then from one another

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._send()
            self.queues["torch"].put(None)
            for thread in self.threads:
                thread.join()
        for process in self.processes:
            process.close()
        if kind is None and self.errors:
            raise self.errors[0]
