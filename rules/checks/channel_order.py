"""DPT297."""

import ast
import itertools
from collections.abc import Iterator

from diptych_checks._losses import calls_of
from diptych_checks._outputs import sequence
from diptych_checks._shapes import shape

from diptych.checks.check import FlowCheck
from diptych.checks.flow import Flow
from diptych.checks.use import Problem


class ChannelOrder(FlowCheck):
    """``Conv2D`` reads (height, width, channels), ``nn.Conv2d`` (channels, height, width).

    Swapped, Keras raises nothing: it convolves over the wrong axes. Where a number of channels gives it away, PyTorch raises.
    """

    code = "DPT297"
    name = "channel-order"
    severity = "warning"
    message = "Keras wants the channels last: this takes the last axis of the image for its channels"
    url = "https://keras.io/api/layers/convolution_layers/convolution2d/"
    fix = "none"
    words = ("Conv2D", "Conv2d")
    setup = "import keras\nimport numpy as np\nimport tensorflow as tf\n"
    bad = (
        "model = keras.Sequential([keras.Input((3, 224, 224)), keras.layers.Conv2D(8, 3)])",
        "image = keras.Input(shape=(3, 64, 64))\nx = keras.layers.Conv2D(8, 3)(image)",
        "first = keras.layers.Conv2D(8, 3)\nimage = keras.Input((1, 28, 28))\nx = first(image)",
        "import torch\nconv = torch.nn.Conv2d(3, 8, 3)\ny = conv(torch.randn(1, 64, 64, 3))",
    )
    fixed = (
        None,
        None,
        None,
        None,
    )
    good = (
        "model = keras.Sequential([keras.Input((224, 224, 3)), keras.layers.Conv2D(8, 3)])",
        "model = keras.Sequential([keras.Input((3, 224, 224)), keras.layers.Conv2D(8, 3, data_format='channels_first')])",
        "import torch\nconv = torch.nn.Conv2d(3, 8, 3)\ny = conv(torch.randn(1, 3, 64, 64))",
        "model = keras.Sequential([keras.Input((3, 224, 224)), keras.layers.Permute((2, 3, 1)), keras.layers.Conv2D(8, 3)])",
    )

    def visit(self, flow: Flow) -> Iterator[Problem]:
        if not flow.says("set_image_data_format") and not flow.says("channels_first"):
            pairs = [
                pair for call in flow.calls("Sequential") for pair in itertools.pairwise(sequence(flow, call) or [])
            ]
            for layer in flow.calls("Conv2D"):
                pairs += [
                    (flow.origin(applied.args[0]), layer) for applied in calls_of(flow, layer) if len(applied.args) == 1
                ]
            for given, layer in pairs:
                if (
                    flow.called(given) != "keras.Input"
                    or not isinstance(given, ast.Call)
                    or flow.called(layer) != "keras.layers.Conv2D"
                ):
                    continue
                sizes = flow.value(flow.argument(given, 0, "shape"))
                image = isinstance(sizes, (tuple, list)) and len(sizes) == 3 and all(type(one) is int for one in sizes)
                if image and sizes[0] in (1, 3) and sizes[1] == sizes[2] > 4 and flow.is_whole(layer):
                    yield flow.problem(given)
        for maker in flow.calls("Conv2d"):
            channels = flow.value(flow.argument(maker, 0, "in_channels"))
            if flow.called(maker) != "torch.nn.Conv2d" or type(channels) is not int:
                continue
            for call in calls_of(flow, maker):
                sizes = shape(flow, call.args[0]) if call.args else None
                if sizes is not None and len(sizes) == 4 and sizes[1] is not None and sizes[1] != channels == sizes[3]:
                    yield flow.problem(
                        call, "nn.Conv2d wants the channels second, and here they are last: permute the axes"
                    )
