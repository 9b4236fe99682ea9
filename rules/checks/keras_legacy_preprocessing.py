"""DPT358."""

from diptych.checks.renamed import Renamed

_IMAGE = (
    "ImageDataGenerator Iterator DirectoryIterator NumpyArrayIterator random_rotation random_shift random_shear "
    "random_zoom apply_affine_transform random_brightness random_channel_shift apply_channel_shift apply_brightness_shift"
)
_SEQUENCE = "TimeseriesGenerator make_sampling_table skipgrams"


class KerasLegacyPreprocessing(Renamed):
    """``ImageDataGenerator``, ``Tokenizer`` and the like were removed from ``keras.preprocessing``; ``tf.keras`` keeps old copies.

    Layers take their place: ``keras.layers.TextVectorization``, ``keras.layers.RandomFlip`` ..., and
    ``keras.utils.image_dataset_from_directory`` reads files.
    """

    code = "DPT358"
    name = "keras-legacy-preprocessing"
    severity = "error"
    message = "removed from Keras 3: use the preprocessing layers"
    because = "was removed from Keras 3"
    url = "https://keras.io/guides/migrating_to_keras_3/"
    tags = ("deprecated",)
    fix = "none"
    gone = True
    renames = {
        "keras.preprocessing.text": None,
        **{f"keras.preprocessing.image.{name}": None for name in _IMAGE.split()},
        **{f"keras.preprocessing.sequence.{name}": None for name in _SEQUENCE.split()},
    }
    advice = {
        **dict.fromkeys(renames, "use layers such as keras.layers.RandomFlip; tf.keras.preprocessing has the old one"),
        "keras.preprocessing.text": "use keras.layers.TextVectorization; tf.keras.preprocessing has the old one",
        **{
            f"keras.preprocessing.sequence.{name}": "use keras.utils.timeseries_dataset_from_array, or tf.keras.preprocessing"
            for name in _SEQUENCE.split()
        },
    }
    setup = "import keras\n"
    bad = (
        "from keras.preprocessing.text import Tokenizer\nt = Tokenizer()",
        "g = keras.preprocessing.image.ImageDataGenerator(1 / 255)",
        "from keras.preprocessing.image import ImageDataGenerator, img_to_array",
    )
    fixed = (None, None, None)
    good = (
        "from tensorflow.keras.preprocessing.text import Tokenizer\nt = Tokenizer()",
        "from keras.preprocessing.image import load_img",
        "from keras.preprocessing.sequence import pad_sequences",
    )

    def applies(self, old, package):
        return package == "keras"
