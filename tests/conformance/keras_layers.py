"""Every public layer of Keras in several configurations: what ``layers.py`` writes as models.

A row is (constructor arguments, shapes of the inputs). Inputs are float32 unless said otherwise (``int64[2,5]<10``),
several are parted by ``;``. A third item is the call where it is not ``self.layer(x)``.
"""

from __future__ import annotations

Row = tuple[str, ...]

FLAT = "2,6"
SERIES = "2,7,4"
IMAGE = "2,8,8,3"
VOLUME = "2,6,6,6,3"
RGB = "2,8,8,3"


def _pooling(dims: int) -> list[Row]:
    shape = {1: SERIES, 2: IMAGE, 3: VOLUME}[dims]
    each = ", ".join(["2"] * dims)
    return [
        ("2", shape),
        ("3, strides=2", shape),
        ('2, strides=1, padding="same"', shape),
        ("3, strides=1", shape),
        (f"pool_size=({each},)" if dims == 1 else f"pool_size=({each})", shape),
    ]


def _convolution(dims: int) -> list[Row]:
    shape = {1: SERIES, 2: IMAGE, 3: VOLUME}[dims]
    return [
        ("4, 3", shape),
        ('4, 3, padding="same", activation="relu"', shape),
        ("6, 2, strides=2, use_bias=False", shape),
        ("4, 3, dilation_rate=2", shape),
        ('5, kernel_size=3, strides=2, padding="same"', shape),
        ('4, 1, kernel_initializer="he_normal", kernel_regularizer="l2"', shape),
    ]


def _transposed(dims: int) -> list[Row]:
    shape = {1: SERIES, 2: "2,5,5,3", 3: "2,4,4,4,3"}[dims]
    return [
        ("4, 3", shape),
        ("4, 2, strides=2", shape),
        ('4, 3, strides=2, padding="same"', shape),
        ('4, 4, strides=2, padding="same", use_bias=False', shape),
    ]


def _recurrent() -> list[Row]:
    return [
        ("5", SERIES),
        ("5, return_sequences=True", SERIES),
        ("5, use_bias=False, return_sequences=True", SERIES),
        ("5, return_state=True, return_sequences=True", SERIES),
        ("5, go_backwards=True", SERIES),
    ]


def _global(dims: int) -> list[Row]:
    shape = {1: SERIES, 2: IMAGE, 3: VOLUME}[dims]
    return [("", shape), ("keepdims=True", shape)]


def _adaptive(dims: int, *least: str) -> list[Row]:
    shape = {1: SERIES, 2: IMAGE, 3: VOLUME}[dims]
    sizes = ", ".join(["3", "2", "3"][:dims])
    return [*((size, shape) for size in least), ("2", shape), (f"({sizes},)" if dims == 1 else f"({sizes})", shape)]


def _merging() -> list[Row]:
    return [
        ("", f"{FLAT};{FLAT}", "[x, y]"),
        ("", f"{IMAGE};{IMAGE}", "[x, y]"),
        ("", f"{FLAT};{FLAT};{FLAT}", "[x, y, z]"),
        ("", f"{SERIES};2,1,4", "[x, y]"),
    ]


LAYERS: dict[str, list[Row]] = {
    # --- core
    "Dense": [
        ("5", FLAT),
        ('5, activation="relu"', FLAT),
        ("5, use_bias=False", SERIES),
        ('units=3, activation="softmax"', FLAT),
        ('4, kernel_initializer="he_uniform", kernel_regularizer=keras.regularizers.L2(1e-4)', FLAT),
        ('4, activation="gelu"', IMAGE),
    ],
    "EinsumDense": [
        ('"ab,bc->ac", output_shape=5, bias_axes="c"', FLAT),
        ('"abc,cd->abd", output_shape=(None, 5), bias_axes="d"', SERIES),
        ('"abc,cd->abd", output_shape=(None, 5)', SERIES),
    ],
    "Embedding": [
        ("10, 4", "int64[2,5]<10"),
        ("10, 4", "int64[3]<10"),
        ("input_dim=10, output_dim=4", "int32[2,5]<10"),
    ],
    "ReversibleEmbedding": [("10, 4", "int64[2,5]<10"), ("10, 4, tie_weights=False", "int64[2,5]<10")],
    "Identity": [("", FLAT), ("", IMAGE)],
    "Lambda": [("lambda t: t * 2", FLAT), ("tf.nn.relu", FLAT)],
    "Masking": [("", SERIES), ("mask_value=1.0", SERIES)],
    "InputLayer": [("shape=(6,)", FLAT)],
    "Activation": [
        ('"relu"', FLAT),
        ('"tanh"', IMAGE),
        ('"softmax"', FLAT),
        ('"gelu"', FLAT),
        ('"swish"', FLAT),
        ('"elu"', FLAT),
        ("tf.nn.sigmoid", FLAT),
        ("keras.activations.relu", FLAT),
        ('"hard_sigmoid"', FLAT),
        ('"softplus"', FLAT),
        ('"linear"', FLAT),
    ],
    # --- activations
    "ReLU": [("", FLAT), ("max_value=6.0", FLAT), ("negative_slope=0.1", IMAGE), ("threshold=0.5", FLAT)],
    "LeakyReLU": [("", FLAT), ("negative_slope=0.1", IMAGE), ("0.2", FLAT)],
    "ELU": [("", FLAT), ("alpha=0.5", IMAGE)],
    "PReLU": [("", FLAT), ("shared_axes=[1, 2]", IMAGE), ("", SERIES), ("shared_axes=[1]", SERIES)],
    "Softmax": [("", FLAT), ("axis=-1", SERIES), ("axis=1", SERIES)],
    # --- regularization
    "Dropout": [("0.5", FLAT), ("rate=0.2", IMAGE), ("0.0", FLAT), ("0.3, noise_shape=(None, 1, 4)", SERIES)],
    "AlphaDropout": [("0.5", FLAT), ("0.2", IMAGE)],
    "GaussianDropout": [("0.5", FLAT), ("0.1", IMAGE)],
    "GaussianNoise": [("0.5", FLAT), ("stddev=0.1", IMAGE)],
    "SpatialDropout1D": [("0.5", SERIES), ("rate=0.2", SERIES)],
    "SpatialDropout2D": [("0.5", IMAGE), ("rate=0.2", IMAGE)],
    "SpatialDropout3D": [("0.5", VOLUME), ("rate=0.2", VOLUME)],
    "ActivityRegularization": [("l2=0.01", FLAT), ("l1=0.01", IMAGE)],
    # --- normalization
    "BatchNormalization": [
        ("", FLAT),
        ("", IMAGE),
        ("epsilon=1e-5, momentum=0.9", IMAGE),
        ("center=False, scale=False", SERIES),
        ("scale=False", IMAGE),
        ("axis=1", IMAGE),
    ],
    "LayerNormalization": [
        ("", FLAT),
        ("epsilon=1e-6", SERIES),
        ("axis=-1", IMAGE),
        ("axis=[1, 2]", SERIES),
        ("center=False", FLAT),
        ("center=False, scale=False", SERIES),
    ],
    "GroupNormalization": [
        ("groups=2", "2,5,5,4"),
        ("groups=4, epsilon=1e-5", "2,5,5,4"),
        ("groups=-1", "2,5,5,4"),
        ("2", SERIES),
        ("groups=2, scale=False, center=False", "2,5,5,4"),
    ],
    "RMSNormalization": [("", FLAT), ("epsilon=1e-5", SERIES)],
    "UnitNormalization": [("", FLAT), ("axis=1", SERIES), ("axis=-1", IMAGE)],
    "SpectralNormalization": [("keras.layers.Dense(5)", FLAT), ("keras.layers.Conv2D(4, 3)", IMAGE)],
    "Normalization": [
        ("mean=0.5, variance=2.0", FLAT),
        ("axis=None, mean=0.5, variance=2.0", FLAT),
        ("mean=[0.1, 0.2, 0.3, 0.4], variance=[1.0, 2.0, 3.0, 4.0]", SERIES),
        ("mean=0.5, variance=2.0, invert=True", FLAT),
    ],
    # --- convolutions
    "Conv1D": [*_convolution(1), ('4, 3, padding="causal"', SERIES), ("4, 3, groups=2", SERIES)],
    "Conv2D": [
        *_convolution(2),
        ('4, (3, 2), strides=(2, 1), padding="valid"', IMAGE),
        ("6, 3, groups=3", IMAGE),
        ('4, 3, data_format="channels_first"', "2,3,8,8"),
        ('4, 4, padding="same"', IMAGE),
    ],
    "Conv3D": _convolution(3),
    "Conv1DTranspose": _transposed(1),
    "Conv2DTranspose": _transposed(2),
    "Conv3DTranspose": _transposed(3),
    "DepthwiseConv1D": [("3", SERIES), ('3, padding="same", depth_multiplier=2', SERIES), ("2, strides=2", SERIES)],
    "DepthwiseConv2D": [
        ("3", IMAGE),
        ('3, padding="same"', IMAGE),
        ("3, depth_multiplier=2, use_bias=False", IMAGE),
        ("2, strides=2", IMAGE),
    ],
    "SeparableConv1D": [
        ("4, 3", SERIES),
        ('4, 3, padding="same", use_bias=False', SERIES),
        ("4, 2, strides=2", SERIES),
    ],
    "SeparableConv2D": [
        ("4, 3", IMAGE),
        ('4, 3, padding="same", activation="relu"', IMAGE),
        ("4, 3, use_bias=False", IMAGE),
        ("4, 3, depth_multiplier=2", IMAGE),
    ],
    # --- pooling
    "AveragePooling1D": _pooling(1),
    "AveragePooling2D": _pooling(2),
    "AveragePooling3D": _pooling(3),
    "MaxPooling1D": _pooling(1),
    "MaxPooling2D": [*_pooling(2), ("", IMAGE), ("(2, 2), strides=(2, 2)", IMAGE)],
    "MaxPooling3D": _pooling(3),
    "GlobalAveragePooling1D": _global(1),
    "GlobalAveragePooling2D": _global(2),
    "GlobalAveragePooling3D": _global(3),
    "GlobalMaxPooling1D": _global(1),
    "GlobalMaxPooling2D": _global(2),
    "GlobalMaxPooling3D": _global(3),
    "AdaptiveAveragePooling1D": _adaptive(1, "1"),
    "AdaptiveAveragePooling2D": _adaptive(2, "1"),
    "AdaptiveAveragePooling3D": _adaptive(3, "1"),
    # To size 1 the gradient that Keras computes is memory that nobody wrote, another one each time.
    "AdaptiveMaxPooling1D": _adaptive(1),
    "AdaptiveMaxPooling2D": _adaptive(2),
    "AdaptiveMaxPooling3D": _adaptive(3),
    # --- reshaping
    "Flatten": [("", FLAT), ("", SERIES), ("", IMAGE)],
    "Reshape": [("(3, 2)", FLAT), ("target_shape=(-1, 2)", SERIES), ("(8, 24)", IMAGE), ("(28,)", SERIES)],
    "Permute": [("(2, 1)", SERIES), ("(3, 1, 2)", IMAGE), ("dims=(2, 1, 3)", IMAGE)],
    "RepeatVector": [("3", FLAT), ("n=1", FLAT)],
    "Cropping1D": [("1", SERIES), ("(1, 2)", SERIES), ("cropping=(0, 1)", SERIES)],
    "Cropping2D": [("1", IMAGE), ("((1, 2), (0, 1))", IMAGE), ("(1, 2)", IMAGE)],
    "Cropping3D": [("1", VOLUME), ("((1, 2), (0, 1), (1, 1))", VOLUME), ("(1, 2, 1)", VOLUME)],
    "UpSampling1D": [("2", SERIES), ("size=3", SERIES)],
    "UpSampling2D": [
        ("2", IMAGE),
        ("(2, 3)", IMAGE),
        ('size=2, interpolation="bilinear"', IMAGE),
        ("", IMAGE),
        ('2, interpolation="bicubic"', IMAGE),
    ],
    "UpSampling3D": [("2", "2,3,3,3,3"), ("(2, 1, 2)", "2,3,3,3,3")],
    "ZeroPadding1D": [("1", SERIES), ("(1, 2)", SERIES), ("padding=2", SERIES)],
    "ZeroPadding2D": [("1", IMAGE), ("((1, 2), (0, 1))", IMAGE), ("padding=(1, 2)", IMAGE)],
    "ZeroPadding3D": [("1", VOLUME), ("((1, 2), (0, 1), (1, 1))", VOLUME), ("(1, 2, 1)", VOLUME)],
    # --- merging
    "Add": _merging(),
    "Average": _merging(),
    "Maximum": _merging(),
    "Minimum": _merging(),
    "Multiply": _merging(),
    "Subtract": [row for row in _merging() if "z" not in row[2]],
    "Concatenate": [
        ("", f"{FLAT};{FLAT}", "[x, y]"),
        ("", f"{IMAGE};2,8,8,2", "[x, y]"),
        ("axis=1", f"{SERIES};2,3,4", "[x, y]"),
        ("axis=-1", f"{SERIES};2,7,2;2,7,1", "[x, y, z]"),
    ],
    "Dot": [
        ("axes=1", f"{FLAT};{FLAT}", "[x, y]"),
        ("axes=(1, 2)", "2,3,4;2,5,3", "[x, y]"),
        ("axes=1, normalize=True", f"{FLAT};{FLAT}", "[x, y]"),
    ],
    # --- attention
    "Attention": [
        ("", "2,3,4;2,5,4", "[x, y]"),
        ("", "2,3,4;2,5,4;2,5,4", "[x, y, z]"),
        ("use_scale=True", "2,3,4;2,5,4", "[x, y]"),
        ('score_mode="concat"', "2,3,4;2,5,4", "[x, y]"),
    ],
    "AdditiveAttention": [
        ("", "2,3,4;2,5,4", "[x, y]"),
        ("use_scale=False", "2,3,4;2,5,4;2,5,4", "[x, y, z]"),
    ],
    "MultiHeadAttention": [
        ("num_heads=2, key_dim=4", "2,5,8", "x, x"),
        ("2, 4", "2,5,8;2,3,8", "x, y"),
        ("num_heads=2, key_dim=4, use_bias=False", "2,5,8", "x, x"),
        ("num_heads=2, key_dim=3", "2,5,8", "x, x"),
        ("num_heads=2, key_dim=4", "2,5,8;2,3,8;2,3,8", "x, z, y"),
        ("num_heads=2, key_dim=4", "2,5,8", "x, x, return_attention_scores=True"),
        ("num_heads=2, key_dim=4", "2,5,8", "x, x, use_causal_mask=True"),
    ],
    "GroupQueryAttention": [
        ("head_dim=4, num_query_heads=4, num_key_value_heads=2", "2,5,8", "x, x"),
        ("4, 2, 1", "2,5,8;2,3,8", "x, y"),
    ],
    # --- recurrent
    "LSTM": [*_recurrent(), ("5, dropout=0.0, activation='tanh'", SERIES), ("5, unit_forget_bias=False", SERIES)],
    "GRU": [*_recurrent(), ("5, reset_after=False", SERIES)],
    "SimpleRNN": [*_recurrent(), ('5, activation="relu"', SERIES)],
    "LSTMCell": [("5", "2,4;2,5;2,5", "x, [y, z]"), ("5, use_bias=False", "2,4;2,5;2,5", "x, [y, z]")],
    "GRUCell": [("5", "2,4;2,5", "x, [y]"), ("5, use_bias=False", "2,4;2,5", "x, [y]")],
    "SimpleRNNCell": [("5", "2,4;2,5", "x, [y]"), ('5, activation="relu"', "2,4;2,5", "x, [y]")],
    "RNN": [
        ("keras.layers.LSTMCell(5)", SERIES),
        ("keras.layers.GRUCell(5), return_sequences=True", SERIES),
        ("keras.layers.SimpleRNNCell(5)", SERIES),
    ],
    "StackedRNNCells": [("[keras.layers.SimpleRNNCell(5), keras.layers.SimpleRNNCell(3)]", "2,4;2,5;2,3", "x, [y, z]")],
    "Bidirectional": [
        ("keras.layers.LSTM(5, return_sequences=True)", SERIES),
        ("keras.layers.GRU(5, return_sequences=True)", SERIES),
        ("keras.layers.LSTM(5)", SERIES),
        ('keras.layers.LSTM(5, return_sequences=True), merge_mode="sum"', SERIES),
    ],
    "TimeDistributed": [("keras.layers.Dense(5)", SERIES), ("keras.layers.Conv2D(4, 3)", "2,3,8,8,3")],
    "ConvLSTM1D": [("4, 3", "2,3,8,2"), ('4, 3, padding="same", return_sequences=True', "2,3,8,2")],
    "ConvLSTM2D": [("4, 3", "2,3,6,6,2"), ('4, 3, padding="same", return_sequences=True', "2,3,6,6,2")],
    "ConvLSTM3D": [("4, 3", "2,2,5,5,5,2"), ('4, 3, padding="same", return_sequences=True', "2,2,5,5,5,2")],
    # --- preprocessing of numbers and text
    "Rescaling": [("1.0 / 255", RGB), ("scale=2.0, offset=-1.0", FLAT)],
    "Resizing": [
        ("4, 4", RGB),
        ("height=5, width=6", RGB),
        ('4, 4, interpolation="nearest"', RGB),
        ("12, 16", RGB),
    ],
    "CenterCrop": [("4, 4", RGB), ("height=5, width=6", RGB)],
    "CategoryEncoding": [
        ('num_tokens=10, output_mode="one_hot"', "int64[4]<10"),
        ('num_tokens=10, output_mode="multi_hot"', "int64[2,5]<10"),
        ('num_tokens=10, output_mode="count"', "int64[2,5]<10"),
    ],
    "Discretization": [("bin_boundaries=[-1.0, 0.0, 1.0]", FLAT), ("[-0.5, 0.5]", FLAT)],
    "Hashing": [("num_bins=8", "int64[2,5]<100"), ("num_bins=8, salt=3", "int64[2,5]<100")],
    "HashedCrossing": [("num_bins=8", "int64[4]<9;int64[4]<9", "(x, y)")],
    "IntegerLookup": [
        ("vocabulary=[3, 5, 7]", "int64[2,5]<9"),
        ('vocabulary=[3, 5], output_mode="one_hot"', "int64[4]<9"),
    ],
    "StringLookup": [('vocabulary=["a", "b"]', "str[4]")],
    "TextVectorization": [('vocabulary=["a", "b"]', "str[4]")],
    "MelSpectrogram": [("fft_length=32, sequence_stride=16, num_mel_bins=8", "2,128")],
    "STFTSpectrogram": [('mode="magnitude", frame_length=16, frame_step=8, fft_length=16', "2,64,1")],
    # --- augmentation
    "RandomFlip": [('"horizontal"', RGB), ("", RGB)],
    "RandomRotation": [("0.1", RGB), ("factor=(-0.1, 0.1)", RGB)],
    "RandomZoom": [("0.1", RGB), ("height_factor=(-0.2, 0.2)", RGB)],
    "RandomTranslation": [("0.1, 0.1", RGB), ("height_factor=0.2, width_factor=0.2", RGB)],
    "RandomCrop": [("4, 4", RGB), ("height=6, width=5", RGB)],
    "RandomContrast": [("0.2", RGB), ("factor=0.1", RGB)],
    "RandomBrightness": [("0.2", RGB), ("factor=0.1, value_range=(0, 1)", RGB)],
    "RandomColorDegeneration": [("0.5", RGB)],
    "RandomColorJitter": [("brightness_factor=0.2", RGB)],
    "RandomElasticTransform": [("", RGB)],
    "RandomErasing": [("", RGB)],
    "RandomGaussianBlur": [("", RGB)],
    "RandomGrayscale": [("0.5", RGB)],
    "RandomHue": [("0.2", RGB)],
    "RandomInvert": [("", RGB)],
    "RandomPerspective": [("", RGB)],
    "RandomPosterization": [("4", RGB)],
    "RandomSaturation": [("0.5", RGB)],
    "RandomSharpness": [("0.5", RGB)],
    "RandomShear": [("0.2, 0.2", RGB)],
    "RandAugment": [("", RGB)],
    "AugMix": [("", RGB)],
    "AutoContrast": [("", RGB), ("value_range=(0, 1)", RGB)],
    "ContrastLimitedAdaptiveHistogramEqualization": [("", RGB)],
    "CutMix": [("", RGB)],
    "Equalization": [("", RGB)],
    "MixUp": [("", RGB)],
    "Solarization": [("", RGB), ("threshold_factor=0.5", RGB)],
    "MaxNumBoundingBoxes": [("3", RGB)],
    "Pipeline": [("[keras.layers.Rescaling(1.0 / 255), keras.layers.CenterCrop(4, 4)]", RGB)],
    # --- wrapping
    "Wrapper": [("keras.layers.Dense(5)", FLAT)],
    "FlaxLayer": [("module", FLAT)],
    "JaxLayer": [("lambda params, x: x", FLAT)],
    "TorchModuleWrapper": [("module", FLAT)],
    "TFSMLayer": [('"saved_model"', FLAT)],
}  # fmt: skip

# Whose results in training are drawn at random: only shapes and dtypes are compared then.
RANDOM = frozenset(
    {"Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D"}
    | {"SpatialDropout3D", "RandAugment", "AugMix", "CutMix", "MixUp", "Solarization"}
    | {name for name in LAYERS if name.startswith("Random")}
)

# Public names in keras.layers that are no layers to use: a base class, and what describes an input.
NO_LAYERS = frozenset({"Layer", "InputSpec"})
