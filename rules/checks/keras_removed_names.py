"""DPT360."""

from diptych.checks.renamed import Renamed

_NAMES = {
    "keras.layers.CuDNNLSTM": ("keras.layers.LSTM", "use keras.layers.LSTM, which uses cuDNN by itself"),
    "keras.layers.CuDNNGRU": ("keras.layers.GRU", "use keras.layers.GRU, which uses cuDNN by itself"),
    "keras.layers.LocallyConnected1D": (None, "it has no replacement"),
    "keras.layers.LocallyConnected2D": (None, "it has no replacement"),
    "keras.layers.Merge": (None, "use keras.layers.Add, Concatenate, ..."),
    "keras.layers.MaxoutDense": (None, "it has no replacement"),
    "keras.layers.Highway": (None, "it has no replacement"),
    "keras.layers.Deconvolution2D": ("keras.layers.Conv2DTranspose", ""),
    "keras.layers.AtrousConvolution2D": (None, "use keras.layers.Conv2D with dilation_rate="),
    "keras.layers.DenseFeatures": (None, "use keras.utils.FeatureSpace or preprocessing layers"),
    "keras.layers.AbstractRNNCell": ("keras.layers.Layer", "derive from keras.layers.Layer"),
    "keras.layers.experimental.SyncBatchNormalization": (
        None,
        "use keras.layers.BatchNormalization(synchronized=True)",
    ),
    "keras.layers.experimental.RandomFourierFeatures": (None, "it has no replacement"),
    "keras.utils.multi_gpu_model": (None, "use tf.distribute.MirroredStrategy"),
    "keras.utils.HDF5Matrix": (None, "read the file with h5py"),
    "keras.utils.print_summary": (None, "use model.summary()"),
    "keras.utils.GeneratorEnqueuer": (None, "pass the generator to fit, or derive from keras.utils.PyDataset"),
    "keras.utils.OrderedEnqueuer": (None, "pass the sequence to fit, or derive from keras.utils.PyDataset"),
    "keras.models.model_from_yaml": (None, "use model_from_json"),
    "keras.models.model_from_config": (None, "use keras.Model.from_config"),
    "keras.objectives": ("keras.losses", ""),
    "keras.wrappers.scikit_learn": (None, "use keras.wrappers.SKLearnClassifier, or the package scikeras"),
    "keras.experimental.CosineDecay": ("keras.optimizers.schedules.CosineDecay", ""),
    "keras.experimental": (None, "what was in it is in keras or gone"),
    "keras.premade": (None, "it has no replacement"),
    "keras.callbacks.BaseLogger": (None, "it has no replacement; History is there by itself"),
    "keras.callbacks.experimental.BackupAndRestore": ("keras.callbacks.BackupAndRestore", ""),
    "keras.losses.cosine_proximity": (None, "use keras.losses.cosine_similarity"),
    "keras.losses.huber_loss": ("keras.losses.huber", ""),
    "keras.initializers.normal": (None, "use keras.initializers.RandomNormal"),
    "keras.initializers.uniform": (None, "use keras.initializers.RandomUniform"),
    "keras.initializers.zero": (None, "use keras.initializers.Zeros"),
    "keras.regularizers.l1l2": (None, "use keras.regularizers.l1_l2(l1=..., l2=...)"),
    "keras.regularizers.WeightRegularizer": (None, "use keras.regularizers.L1L2"),
    "keras.regularizers.ActivityRegularizer": (None, "use keras.regularizers.L1L2"),
    "keras.constraints.maxnorm": ("keras.constraints.max_norm", ""),
    "keras.constraints.nonneg": ("keras.constraints.non_neg", ""),
    "keras.constraints.unitnorm": ("keras.constraints.unit_norm", ""),
    "keras.optimizers.TFOptimizer": (None, "use the optimizers of keras.optimizers"),
    "keras.optimizers.adam": ("keras.optimizers.Adam", ""),
    "keras.optimizers.sgd": ("keras.optimizers.SGD", ""),
    "keras.optimizers.rmsprop": ("keras.optimizers.RMSprop", ""),
}


class KerasRemovedNames(Renamed):
    """Names that Keras 3 does not have, such as ``CuDNNLSTM``, ``multi_gpu_model`` and ``keras.wrappers.scikit_learn``."""

    code = "DPT360"
    name = "keras-removed-names"
    severity = "error"
    message = "Keras 3 has no such name"
    because = "was removed from Keras"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {name: new for name, (new, _) in _NAMES.items()}
    advice = {name: words for name, (_, words) in _NAMES.items() if words}
    setup = "import keras\n"
    bad = (
        "layer = keras.layers.CuDNNLSTM(8)",
        "from keras.wrappers.scikit_learn import KerasClassifier\nc = KerasClassifier(f)",
        "from keras.utils import multi_gpu_model",
        "from keras.layers import CuDNNGRU\nlayer = CuDNNGRU(8)",
        "rate = keras.experimental.CosineDecay(0.1, 100)",
    )
    fixed = (
        "layer = keras.layers.LSTM(8)",
        None,
        None,
        "from keras.layers import GRU as CuDNNGRU\nlayer = CuDNNGRU(8)",
        "rate = keras.optimizers.schedules.CosineDecay(0.1, 100)",
    )
    good = ("layer = keras.layers.LSTM(8)", "from keras.wrappers import SKLearnClassifier")
