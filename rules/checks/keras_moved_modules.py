"""DPT341."""

from diptych.checks.renamed import Renamed

_MODULES = {
    "keras.layers.core": (
        "keras.layers",
        "Dense Activation Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D Flatten Reshape Permute RepeatVector Lambda ActivityRegularization Masking",
    ),
    "keras.layers.convolutional": (
        "keras.layers",
        "Conv1D Conv2D Conv3D Convolution1D Convolution2D Convolution3D Conv2DTranspose Conv3DTranspose Convolution2DTranspose SeparableConv1D SeparableConv2D DepthwiseConv2D UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D",
    ),
    "keras.layers.pooling": (
        "keras.layers",
        "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D MaxPool2D",
    ),
    "keras.layers.normalization": ("keras.layers", "BatchNormalization LayerNormalization"),
    "keras.layers.advanced_activations": ("keras.layers", "LeakyReLU PReLU ELU ReLU Softmax"),
    "keras.layers.embeddings": ("keras.layers", "Embedding"),
    "keras.layers.recurrent": ("keras.layers", "LSTM GRU SimpleRNN RNN LSTMCell GRUCell SimpleRNNCell StackedRNNCells"),
    "keras.layers.convolutional_recurrent": ("keras.layers", "ConvLSTM2D"),
    "keras.layers.noise": ("keras.layers", "GaussianNoise GaussianDropout AlphaDropout"),
    "keras.layers.wrappers": ("keras.layers", "TimeDistributed Bidirectional Wrapper"),
    "keras.layers.merge": (
        "keras.layers",
        "Add Subtract Multiply Average Maximum Minimum Concatenate Dot add subtract multiply average maximum minimum concatenate dot",
    ),
    "keras.layers.experimental.preprocessing": (
        "keras.layers",
        "Rescaling Resizing CenterCrop RandomFlip RandomRotation RandomZoom RandomCrop RandomTranslation RandomContrast RandomBrightness Normalization TextVectorization StringLookup IntegerLookup CategoryEncoding Hashing Discretization HashedCrossing",
    ),
    "keras.engine.topology": ("keras.layers", "Layer Input InputLayer InputSpec"),
    "keras.engine.base_layer": ("keras.layers", "Layer InputSpec"),
    "keras.engine.input_layer": ("keras.layers", "Input InputLayer"),
    "keras.engine.training": ("keras.models", "Model"),
    "keras.engine": ("keras.layers", "Layer InputSpec"),
    "keras.utils.np_utils": ("keras.utils", "to_categorical normalize"),
    "keras.utils.vis_utils": ("keras.utils", "plot_model model_to_dot"),
    "keras.utils.data_utils": ("keras.utils", "get_file Sequence"),
    "keras.utils.generic_utils": ("keras.utils", "Progbar CustomObjectScope custom_object_scope get_custom_objects"),
    "keras.utils.layer_utils": ("keras.utils", "get_source_inputs"),
    "keras.utils.image_utils": ("keras.utils", "load_img save_img img_to_array array_to_img"),
    "keras.mixed_precision.experimental": ("keras.mixed_precision", "LossScaleOptimizer Policy"),
    "keras.optimizers.experimental": ("keras.optimizers", "AdamW Adam SGD RMSprop Adagrad Adadelta Nadam Adamax Ftrl"),
}


class KerasMovedModules(Renamed):
    """Modules that Keras 3 does not have, such as ``keras.layers.core`` and ``keras.utils.np_utils``.

    What was in them is one level up, or gone. The fix imports from there, where the tables of this check know the name;
    ``from keras.utils import np_utils`` becomes ``from keras import utils as np_utils``.
    """

    code = "DPT341"
    name = "keras-moved-modules"
    severity = "error"
    message = "Keras 3 has no such module"
    because = "does not exist in Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {name: new for name, (new, _) in _MODULES.items()}
    setup = ""
    bad = (
        "from keras.layers.core import Dense, Dropout as D",
        "from keras.utils import np_utils\ny = np_utils.to_categorical(y, 10)",
        "from tensorflow.keras.layers.experimental import preprocessing\nx = preprocessing.Rescaling(1 / 255)",
        "from tensorflow.keras.layers.experimental.preprocessing import RandomFlip",
        "import tensorflow as tf\nx = tf.keras.layers.experimental.preprocessing.Resizing(8, 8)",
        "from keras.utils import np_utils, plot_model\ny = np_utils.to_categorical(y, 10)",
        "from keras.engine.topology import Layer, merge",
        "import keras.utils.np_utils as u\ny = u.to_categorical(y)",
        "from keras.utils import np_utils\ny = np_utils.probas_to_classes(y)",
        "from keras.layers.core import (\n    Dense,\n    Flatten,  # in order\n)",
    )
    fixed = (
        "from keras.layers import Dense, Dropout as D",
        "from keras import utils as np_utils\ny = np_utils.to_categorical(y, 10)",
        "from tensorflow.keras import layers as preprocessing\nx = preprocessing.Rescaling(1 / 255)",
        "from tensorflow.keras.layers import RandomFlip",
        "import tensorflow as tf\nx = tf.keras.layers.Resizing(8, 8)",
        "from keras import utils as np_utils\nfrom keras.utils import plot_model\ny = np_utils.to_categorical(y, 10)",
        None,
        "import keras.utils as u\ny = u.to_categorical(y)",
        None,
        None,
    )
    good = ("from keras.layers import Dense", "from keras import utils\ny = utils.to_categorical(y)")

    def new(self, name: str) -> str | None:
        old = self.old(name)
        module, known = _MODULES[old]
        rest = name[len(old) + 1 :]
        return f"{module}.{rest}".rstrip(".") if not rest or rest in known.split() else None

    def mends(self, use, old):
        rest = use.source.names.qualified(use.source.names.parent(use.node)) if use.name == old else use.name
        return rest is not None and self.new(rest) is not None
