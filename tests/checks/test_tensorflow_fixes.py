"""A safe fix keeps what TensorFlow code computes: before in the way of TensorFlow 1, eagerly, after in that of 2."""

import contextlib
import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from diptych import checks
from diptych.checks.registry import all_checks

X = np.linspace(0.5, 3.0, 12, dtype=np.float32).reshape(3, 4)
INPUTS = {
    "x": lambda: tf.constant(X),
    "n": lambda: tf.constant([1, 2, 3]),
    "m": lambda: tf.constant([[2.0, 1.0], [0.5, 3.0]]),
    "s": lambda: tf.SparseTensor([[0, 1], [2, 0]], [1.0, 2.0], [3, 2]),
    "v": lambda: tf.Variable(X),
    "w": lambda: tf.Variable(X + 1),
    "keep": lambda: 0.5,
    "f": lambda: lambda value: value * 2,
}
SAFE = [
    pytest.param(check.setup + bad + "\n", id=f"{check.code}-{number}")
    for check in all_checks()
    if check.setup.startswith("import tensorflow as tf") and check.code < "DPT340"
    for number, bad in enumerate(check.bad)
    if "import log" not in bad and "GFile" not in bad and "model." not in bad
    if any(one.fix and one.fix.safety == "safe" for one in checks.run(check.setup + bad))
]
# The functions of the table of keywords whose fix is called safe, with what their arguments were called.
KEYWORDS = [
    *(
        f"tf.{module}reduce_{name}({'x > 1' if name in ('all', 'any') else 'x'}, reduction_indices={axes}, "
        f"keep_dims={keep})"
        for module in ("", "math.")
        for name in ["all", "any", "logsumexp", "max", "mean", "min", "prod", "sum"]
        for axes, keep in ((1, True), ([0, 1], False))
    ),
    *(f"tf.{module}arg{kind}(x, dimension=1)" for module in ("", "math.") for kind in ("max", "min")),
    *("tf.expand_dims(x, dim=1)", "tf.squeeze(x[:1], squeeze_dims=[0])", "tf.norm(x, axis=1, keep_dims=True)"),
    *("tf.linalg.norm(x, keep_dims=True)", "tf.nn.softmax(x, dim=0)", "tf.nn.log_softmax(x, dim=0)"),
    *("tf.zeros_like(tensor=x)", "tf.ones_like(tensor=n)", "tf.nn.moments(x, [0], keep_dims=True)"),
]


def run(code, module):
    names = {name: make() for name, make in INPUTS.items()}
    tf.random.set_seed(3)
    exec(code.replace("import tensorflow as tf\n", ""), names | {"tf": module}, names)
    found = [names[name] for name in ("y", "v", "w") if name in names]
    return [tf.convert_to_tensor(one) for value in found for one in (value if isinstance(value, tuple) else [value])]


def same(first, second):
    pairs = list(zip(first, second, strict=True))
    return all(one.dtype == other.dtype and np.array_equal(one.numpy(), other.numpy()) for one, other in pairs)


@pytest.mark.parametrize("before", SAFE)
def test_safe_fix_keeps_results(before):
    after = checks.fix(before)
    assert after.applied == 1
    assert same(run(before, tf.compat.v1), run(after.text, tf))


def test_safe_keywords_keep_results():
    for call in KEYWORDS:
        before = f"import tensorflow as tf\ny = {call}\n"
        after = checks.fix(before)
        assert after.applied == 1, call
        assert same(run(before, tf.compat.v1), run(after.text, tf)), call
        with pytest.raises(TypeError):
            run(before, tf)


def test_every_function_of_the_safe_keywords_is_run():
    check = next(check for check in all_checks() if check.code == "DPT313")
    safe = {
        name
        for name in check.names
        for finding in checks.run(f"import tensorflow as tf\ny = {name}(x, keep_dims=1, dim=1, tensor=1)\n")
        if finding.fix is not None and finding.fix.safety == "safe"
    }
    ran = {call.partition("(")[0] for call in KEYWORDS}
    assert safe <= ran


@pytest.mark.parametrize(
    "before", ["keras.layers.Embedding(10, 4, input_length=3)", "keras.layers.LeakyReLU(alpha=0.2, name='leaky')"]
)
def test_safe_fixes_of_keras_make_the_same_layer(before):
    code = f"import keras\ny = {before}\n"
    after = checks.fix(code)
    assert after.applied == 1
    layers = []
    for text in (code, after.text):
        names = {}
        keras.utils.set_random_seed(1)
        with pytest.warns(UserWarning) if text == code else contextlib.nullcontext():
            exec(text, names)
        layer = names["y"]
        layers.append(({**layer.get_config(), "name": ""}, layer(np.array([[1, 2, 0]])).numpy()))
    assert layers[0][0] == layers[1][0]
    np.testing.assert_array_equal(layers[0][1], layers[1][1])


def test_the_comparison_sees_another_value():
    first = run("import tensorflow as tf\ny = tf.nn.softmax(x, axis=0)\n", tf)
    assert not same(first, run("import tensorflow as tf\ny = tf.nn.softmax(x, axis=1)\n", tf))
    assert list(itertools.chain(first))
