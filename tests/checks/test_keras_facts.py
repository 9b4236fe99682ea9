"""What the checks of Keras' objects say is so in the installed Keras, and their fixes run."""

import inspect
import warnings

import keras
import numpy as np
import pytest

from diptych import checks
from diptych.checks.registry import all_checks

SETUP = """\
import os
import keras
import numpy as np
x, y, where = np.zeros((4, 3)), np.zeros((4, 1)), "."
"""
MODEL = """\
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation='sigmoid')])
model.compile('sgd', 'mse')
"""
LOGGED = """\
class Rate(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        {}
"""
RAISES = [
    ("DPT364", "opt = keras.optimizers.Adam()\nprint(opt.lr)", AttributeError, "lr"),
    ("DPT364", "opt = keras.optimizers.Adam()\nopt.lr *= 2", AttributeError, "lr"),
    ("DPT364", MODEL + "print(model.optimizer.lr.numpy())", AttributeError, "lr"),
    (
        "DPT364",
        LOGGED.format("print(self.model.optimizer.lr.numpy())")
        + MODEL
        + "model.fit(x, y, verbose=0, callbacks=[Rate()])",
        AttributeError,
        "lr",
    ),
    ("DPT365", MODEL + "model.fit_generator(((x, y) for _ in range(2)), verbose=0)", AttributeError, "fit_generator"),
    ("DPT365", MODEL + "model.predict_classes(x)", AttributeError, "predict_classes"),
    ("DPT365", MODEL + "model.predict_proba(x)", AttributeError, "predict_proba"),
    (
        "DPT365",
        MODEL + "model.evaluate_generator(((x, y) for _ in range(2)), steps=1)",
        AttributeError,
        "evaluate_generator",
    ),
    ("DPT367", MODEL + "model.save('folder')", ValueError, "Invalid filepath extension"),
    ("DPT367", MODEL + "model.save(os.path.join(where, 'm'), save_format='tf')", ValueError, "save_format"),
    ("DPT368", MODEL + "model.save_weights('x.h5')", ValueError, "must end in"),
    ("DPT368", MODEL + "model.save_weights(f'{where}/cp.ckpt')", ValueError, "must end in"),
    ("DPT369", "keras.metrics.Mean().reset_states()", AttributeError, "reset_states"),
    ("DPT369", MODEL + "for metric in model.metrics:\n    metric.reset_states()", AttributeError, "reset_states"),
]


@pytest.mark.parametrize(("code", "snippet", "error", "words"), RAISES)
def test_what_is_called_an_error_raises_and_its_fix_does_not(code, snippet, error, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = SETUP + snippet + "\n"
    assert [one.code for one in checks.run(before)] == [code]
    with pytest.raises(error, match=words):
        exec(before, {})
    after = checks.fix(before, unsafe=True)
    if after.applied:
        exec(after.text, {})


def test_fit_and_evaluate_take_what_generators_gave():
    before = SETUP + MODEL + (
        "def batches():\n    while True:\n        yield x, y\n\n"
        "model.fit_generator(batches(), steps_per_epoch=2, epochs=1, verbose=0)\n"
        "model.evaluate_generator(batches(), steps=2, verbose=0)\n"
        "result = model.predict_generator(((part,) for part in [x]), verbose=0)\n"
    )  # fmt: skip
    after = checks.fix(before, unsafe=True)
    assert after.applied == 3
    names = {}
    exec(after.text, names)
    assert names["result"].shape == (4, 1)


def test_setting_lr_changes_nothing_and_the_fix_changes_the_rate():
    before = "import keras\nopt = keras.optimizers.SGD(0.5)\nopt.lr = 0.25\n"
    rates = []
    for text in (before, checks.fix(before, unsafe=True).text):
        names = {}
        exec(text, names)
        rates.append(float(names["opt"].learning_rate))
    assert rates == [0.5, 0.25]


def classes(module, base):
    found = (value for name, value in vars(module).items() if name[0].isupper())
    return [one for one in found if isinstance(one, type) and issubclass(one, base)]


def test_no_optimizer_metric_or_model_has_what_is_called_gone():
    (methods,) = [check for check in all_checks() if check.code == "DPT365"]
    assert len(classes(keras.optimizers, keras.Optimizer)) > 10
    assert len(classes(keras.metrics, keras.Metric)) > 30
    assert not any(hasattr(one, "lr") for one in classes(keras.optimizers, keras.Optimizer))
    assert not any(hasattr(one, "reset_states") for one in classes(keras.metrics, keras.Metric))
    for model in (keras.Model, keras.Sequential, type(keras.Model(*[keras.Input((3,))] * 2))):
        assert not any(hasattr(model, name) for name in methods.words)


def test_layers_with_an_input_dim_of_their_own_are_left_alone():
    own = {
        f"keras.layers.{one.__name__}"
        for one in classes(keras.layers, keras.layers.Layer)
        if {"input_dim", "input_shape"} & set(inspect.signature(one.__init__).parameters)
    }
    assert own == {"keras.layers.Embedding", "keras.layers.ReversibleEmbedding"}
    for name in own:
        assert checks.run(f"import keras\nlayer = {name}(input_dim=8, output_dim=2)\n") == []


@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_model_that_begins_with_an_input_is_the_same(number):
    (check,) = [check for check in all_checks() if check.code == "DPT366"]
    before = check.setup + check.bad[number] + "\n"
    after = checks.fix(before)
    assert after.applied == 1
    models, heard = [], []
    for text in (before, after.text):
        keras.utils.set_random_seed(3)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            names = {}
            exec(text, names)
        heard.append(any("input_shape" in str(one.message) for one in caught))
        models.append(names["y"])
    first, second = models
    x = np.ones((2, 8), np.float32)
    assert heard == [True, False]
    assert first.built and first.input_shape == second.input_shape and len(first.layers) == len(second.layers)
    np.testing.assert_array_equal(first(x).numpy(), second(x).numpy())
    for one, other in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
