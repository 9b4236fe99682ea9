"""DPT352."""

from diptych.checks.keywords import Keywords

_COMMON = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias",
    "batch_input_shape": None, "weights": None,
}  # fmt: skip
_WINDOW = {"border_mode": "padding", "subsample": "strides", "dim_ordering": None}


class Keras1Arguments(Keywords):
    """Arguments of layers from Keras 1, such as ``border_mode=`` and ``nb_filter=``, and others that no layer of Keras 3 takes.

    They raise ``ValueError`` or ``TypeError``. ``batch_input_shape=`` is ``keras.Input(batch_shape=...)`` before the layer;
    ``weights=`` is ``set_weights`` after it was built.
    """

    code = "DPT352"
    name = "keras-1-arguments"
    severity = "error"
    message = "Keras 3 has no such argument"
    because = "has no such argument in Keras 3"
    url = "https://keras.io/api/layers/"
    tags = ("deprecated",)
    fix = "unsafe"
    keywords = {
        **{f"keras.layers.{name}": {**_COMMON, "output_dim": "units"} for name in ("Dense",)},
        **{
            f"keras.layers.{name}": {
                **_COMMON, "output_dim": "units", "inner_init": "recurrent_initializer", "dropout_W": "dropout",
                "dropout_U": "recurrent_dropout", "time_major": None,
                **({} if name == "SimpleRNN" else {"inner_activation": "recurrent_activation"}),
            }
            for name in ("LSTM", "GRU", "SimpleRNN")
        },
        **{
            f"keras.layers.{name}": {**_COMMON, **_WINDOW, "nb_filter": "filters", "nb_row": None, "nb_col": None}
            for name in ("Conv2D", "Convolution2D")
        },
        **{
            f"keras.layers.{name}": {
                **_COMMON, "nb_filter": "filters", "filter_length": "kernel_size", "subsample_length": "strides",
                "border_mode": "padding",
            }
            for name in ("Conv1D", "Convolution1D")
        },
        **{f"keras.layers.{name}": _WINDOW for name in ("MaxPooling2D", "AveragePooling2D")},
        "keras.layers.Dropout": {"p": "rate"},
        "keras.layers.BatchNormalization": {
            "mode": None, "beta_init": "beta_initializer", "gamma_init": "gamma_initializer", "fused": None,
            "virtual_batch_size": None,
        },
        **{
            f"keras.{module}Model": {"input": "inputs", "output": "outputs"} for module in ("", "models.")
        },
        "keras.utils.to_categorical": {"nb_classes": "num_classes", "dtype": None},
        "keras.regularizers.l2": {"l": "l2"},
        "keras.regularizers.l1": {"l": "l1"},
    }  # fmt: skip
    ignored = frozenset({"fused"})
    advice = {
        "batch_input_shape": "put keras.Input(batch_shape=...) before the layer",
        "weights": "call set_weights once the layer is built",
        "nb_row": "use kernel_size=(rows, columns)",
        "nb_col": "use kernel_size=(rows, columns)",
        "dim_ordering": "use data_format=",
        "fused": "remove it",
    }
    setup = "import keras\n"
    bad = (
        "y = keras.layers.Dense(10, init='uniform')",
        "y = keras.layers.MaxPooling2D((2, 2), border_mode='same')",
        "y = keras.layers.Conv2D(8, 3, batch_input_shape=(1, 8, 8, 3))",
        "m = keras.Model(input=x, output=y)",
        "y = keras.layers.BatchNormalization(fused=True)",
    )
    fixed = (
        "y = keras.layers.Dense(10, kernel_initializer='uniform')",
        "y = keras.layers.MaxPooling2D((2, 2), padding='same')",
        None,
        "m = keras.Model(inputs=x, outputs=y)",
        "y = keras.layers.BatchNormalization()",
    )
    good = ("y = keras.layers.Dense(10, kernel_initializer='uniform')", "y = keras.layers.Embedding(10, output_dim=3)")
