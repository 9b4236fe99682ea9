"""DPT349."""

from diptych.checks.renamed import Renamed

_SAME = (
    "abs all any arange argmax argmin cast concatenate cos cumprod cumsum equal exp expand_dims eye "
    "greater greater_equal less less_equal log max maximum mean min minimum not_equal ones ones_like prod "
    "reshape round sign sin sqrt square squeeze stack std sum tanh tile transpose var zeros zeros_like "
    "clip relu sigmoid softmax softplus softsign elu"
)
_ADVICE = {
    "get_value": "use keras.ops.convert_to_numpy",
    "set_value": "use variable.assign(value)",
    "get_session": "there are no sessions",
    "set_session": "there are no sessions",
    "learning_phase": "take the argument training of call",
    "set_learning_phase": "pass training= to the model",
    "function": "make a keras.Model, or call the model",
    "int_shape": "use x.shape",
    "dot": "use keras.ops.matmul",
    "batch_dot": "use keras.ops.matmul or einsum",
    "variable": "use keras.Variable",
    "constant": "use keras.ops.convert_to_tensor",
    "flatten": "use keras.ops.ravel",
    "batch_flatten": "use keras.ops.reshape(x, (n, -1))",
    "l2_normalize": "use keras.ops.normalize",
    "permute_dimensions": "use keras.ops.transpose",
    "pow": "use keras.ops.power",
    "stop_gradient": "use keras.ops.stop_gradient",
    "one_hot": "use keras.ops.one_hot",
    "switch": "use keras.ops.where",
    "gather": "use keras.ops.take(x, indices, axis=0)",
    "update": "use variable.assign(value)",
    "update_add": "use variable.assign_add(value)",
    "update_sub": "use variable.assign_sub(value)",
    "gradients": "use the gradients of the backend, such as tf.GradientTape",
    "random_normal": "use keras.random.normal",
    "random_uniform": "use keras.random.uniform",
    "dropout": "use keras.random.dropout",
    "categorical_crossentropy": "use keras.ops.categorical_crossentropy",
    "binary_crossentropy": "use keras.ops.binary_crossentropy",
    "sparse_categorical_crossentropy": "use keras.ops.sparse_categorical_crossentropy",
    "ndim": "use len(x.shape)",
    "eval": "use keras.ops.convert_to_numpy",
    "repeat_elements": "use keras.ops.repeat",
    "image_dim_ordering": "use keras.config.image_data_format",
    "set_image_dim_ordering": "use keras.config.set_image_data_format",
    "tensorflow_backend": "use keras.ops",
    "manual_variable_initialization": "delete it",
    "ctc_batch_cost": "use keras.ops.ctc_loss, whose arguments differ",
    "ctc_decode": "use keras.ops.ctc_decode, whose arguments differ",
    "name_scope": "use keras.name_scope",
    "rnn": "use keras.layers.RNN",
}
_NOWHERE = {
    "get_session",
    "set_session",
    "learning_phase",
    "set_learning_phase",
    "function",
    "image_dim_ordering",
    "set_image_dim_ordering",
    "tensorflow_backend",
    "manual_variable_initialization",
}  # not in tf.keras.backend either


class KerasBackend(Renamed):
    """Functions of ``keras.backend`` that compute were removed from Keras 3: use ``keras.ops``.

    ``tf.keras.backend`` still has most of them, so only what it lacks is reported there. The fix is offered where
    ``keras.ops`` has a function by the same name; it is unsafe, as some of their defaults differ.
    """

    code = "DPT349"
    name = "keras-backend"
    severity = "error"
    message = "removed from keras.backend: use keras.ops"
    because = "was removed from Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {
        **{f"keras.backend.{name}": f"keras.ops.{name}" for name in _SAME.split()},
        **dict.fromkeys(f"keras.backend.{name}" for name in _ADVICE),
    }
    advice = {f"keras.backend.{name}": words for name, words in _ADVICE.items()}
    setup = "import keras\n"
    bad = (
        "from keras import backend as K\ny = K.sum(x, axis=1)",
        "keras.backend.set_value(v, 3)",
        "from keras.backend import get_session",
        "from tensorflow.keras import backend as K\nK.set_learning_phase(1)",
        "y = keras.backend.mean(x)",
    )
    fixed = ("from keras import backend as K\ny = keras.ops.sum(x, axis=1)", None, None, None, "y = keras.ops.mean(x)")
    good = (
        "from tensorflow.keras import backend as K\ny = K.sum(x)",
        "keras.backend.clear_session()",
        "e = keras.backend.epsilon()",
    )

    def applies(self, old, package):
        return package == "keras" or old.rpartition(".")[2] in _NOWHERE
