"""Run one side of a training script written with Lightning, in a process of its own: the script, or its twin.

``python -m tests.training.lightning_run SIDE SCRIPT FOLDER``: "torch" writes the first weights into the folder,
"tensorflow" begins with them. Both write what they trained: losses by step, what the last epoch gave, states, results.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np

SITE = Path(__file__).parents[2] / "build" / "training" / "site"
LOSS = "train_loss"


def arrays(state: Any) -> dict[str, np.ndarray]:
    """A state as arrays, without counters."""
    return {name: np.asarray(value) for name, value in state.items() if "num_batches_tracked" not in name}


def of_torch(path: Path, folder: Path) -> dict[str, Any]:
    """Run the script."""
    sys.path.insert(0, str(SITE))
    import lightning as L

    found: dict[str, Any] = {"losses": []}

    class Recording(L.Callback):
        def on_train_start(self, trainer: Any, module: Any) -> None:
            np.savez(folder / "first.npz", **arrays(module.state_dict()))

        def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, place: int) -> None:
            found["losses"].append(float(trainer.callback_metrics[LOSS]))

        def on_train_end(self, trainer: Any, module: Any) -> None:
            found["epoch"] = {name: float(value) for name, value in trainer.callback_metrics.items()}
            found["state"] = {name: value.copy() for name, value in arrays(module.state_dict()).items()}

    make = L.Trainer.__init__
    L.Trainer.__init__ = lambda self, **options: make(self, callbacks=[Recording()], **options)
    found["results"] = [part.numpy() for part in runpy.run_path(str(path))["main"]()]
    return found


def of_tensorflow(path: Path, folder: Path) -> dict[str, Any]:
    """Run the twin."""
    import keras

    from diptych import weights

    found: dict[str, Any] = {"losses": []}

    class Recording(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            found["losses"].append(float(logs[LOSS]))

    fit = keras.Model.fit

    def recorded(self: Any, *args: Any, callbacks: Any = (), **options: Any) -> Any:
        weights.load_state_dict(self, dict(np.load(folder / "first.npz")))
        history = fit(self, *args, callbacks=[*callbacks, Recording()], **options)
        found["epoch"] = {name: float(values[-1]) for name, values in history.history.items()}
        found["state"] = arrays(weights.state_dict(self))
        return history

    keras.Model.fit = recorded
    found["results"] = [part.numpy() for part in runpy.run_path(str(path))["main"]()]
    return found


if __name__ == "__main__":
    side, script, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    trained = (of_torch if side == "torch" else of_tensorflow)(script, folder)
    np.save(folder / f"{side}.npy", np.array(trained, dtype=object), allow_pickle=True)
