"""The first line on which a source and its twin part."""

from __future__ import annotations

import sys
from dataclasses import replace
from textwrap import dedent

import pytest
from twins import function, pair

from diptych.conversion import convert
from diptych.verification import Options, Verdict, verify
from diptych.verification.divergence import Divergence
from diptych.verification.line_by_line import shown

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n"


def wrong(source: str, old: str, new: str) -> Verdict:
    """The verdict on the last entry of a source whose twin has ``new`` instead of ``old``."""
    conversion = convert(HEAD + dedent(source))
    assert conversion.complete and conversion.twin.count(old) == 1, conversion.twin
    twin = replace(conversion, twin=conversion.twin.replace(old, new))
    [found] = verify(twin, [conversion.entries[-1].name], Options(device="cpu"))
    assert found.verdict == "differs", found.summary
    return found


def apart(source: str, old: str, new: str) -> Divergence:
    found = wrong(source, old, new).divergence
    assert found is not None and found.source is not None and found.twin is not None
    return found


def lines(found: Divergence) -> tuple[str, str]:
    assert found.source is not None and found.twin is not None
    return found.source.text, found.twin.text


FUNCTION = """
    # diptych: x=float32[4,6]
    def f(x):
        y = torch.exp(x / 7).sum(dim=1, keepdim=True)
        z = torch.softmax(x * y, dim=1)
        w = z * 3
        return w + y
    """


def test_both_lines_values_and_shapes_are_told_and_rounding_before_them_is_not():
    verdict = wrong(FUNCTION, "z * 3", "z * 4")
    found = verdict.divergence
    assert found is not None and found.source is not None and found.twin is not None
    assert lines(found) == ("w = z * 3", "w = z * 4")
    assert (found.kind, found.name, found.agreed) == ("value", "w", 3)
    assert found.source.shape == found.twin.shape == (4, 6)
    assert found.twin.numbers == pytest.approx([value * 4 / 3 for value in found.source.numbers], rel=1e-5)
    assert found.source.value and abs(found.twin.value or 0 - found.source.value) > 0
    told = verdict.to_json()["divergence"]
    assert (told["source"]["line"], told["twin"]["line"]) == (found.source.line, found.twin.line)
    assert told["source"]["shape"] == [4, 6] and told["index"] == list(found.index)
    # The twin's values reach to the end of the range of both, the source's to three quarters of it.
    assert sum(found.source.counts) == sum(found.twin.counts) == 24 and found.source.span == found.twin.span
    assert found.twin.counts[-1] and not any(found.source.counts[12:]) and found.source.counts[11]


def test_an_axis_names_the_rules_of_the_line():
    found = apart(FUNCTION, "axis=1, keepdims=True", "axis=0, keepdims=True")
    assert found.name == "y" and "shape [4, 1] in the source and [1, 6] in the twin" in found.text
    assert any("Tensor.sum" in cause or "tf.reduce_sum" in cause for cause in found.causes), found.causes


LOOP = """
    # diptych: x=float32[3,4]
    def f(x):
        total = torch.zeros(4)
        for i in range(3):
            x = x * 0.5 + i
            total = total + x.sum(dim=0)
        return total
    """


def test_a_loop_that_runs_another_time_is_told_by_its_counts():
    found = apart(LOOP, "range(3)", "range(4)")
    assert found.kind == "loop" and found.text == "the source passes here 3 times, the twin 4 times"
    assert lines(found) == ("for i in range(3):", "for i in range(4):")


def test_a_pass_of_a_loop_is_told_by_its_number():
    found = apart(LOOP, "x * 0.5 + i", "x * 0.5 + i * i")
    assert (found.name, found.occurrence) == ("x", 3)
    assert found.text.endswith("at its pass 3")


IMAGES = """
    # diptych: x=float32[2,4,4,4]
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(4, 4, 3, padding=1),
                nn.LeakyReLU(0.2),
                nn.BatchNorm2d(4, momentum=0.3),
            )

        def forward(self, x):
            y = self.body(x)
            y = y * 2
            return y.mean(dim=(2, 3))
    """


def test_axes_that_stand_in_another_order_are_no_difference_though_the_shape_is_the_same():
    found = apart(IMAGES, "y = y * 2", "y = y * 3")
    assert lines(found) == ("y = y * 2", "y = y * 3") and found.agreed >= 4


def test_a_layer_in_a_list_is_told_by_its_own_line():
    found = apart(IMAGES, "LeakyReLU(negative_slope=0.2)", "LeakyReLU(negative_slope=0.3)")
    assert lines(found)[0] == "nn.LeakyReLU(0.2)," and "0.3" in lines(found)[1]


def test_a_running_statistic_leads_to_the_layer_that_keeps_it():
    found = apart(IMAGES, "momentum=0.7", "momentum=0.6")
    assert found.kind == "state" and found.text.startswith("body.2.running_mean afterwards")
    assert lines(found)[0] == "nn.BatchNorm2d(4, momentum=0.3),"


def test_weights_that_do_not_fit_lead_to_where_the_layer_is_made():
    found = apart(IMAGES, 'Conv2D(4, 3, padding="same")', 'Conv2D(5, 3, padding="same")')
    assert lines(found)[0] == "nn.Conv2d(4, 4, 3, padding=1)," and "Conv2D(5" in lines(found)[1]


def test_a_gradient_that_is_cut_off():
    found = apart(FUNCTION, "w = z * 3", "w = tf.stop_gradient(z) * 3")
    assert found.kind == "gradient" and found.text.startswith("no gradient flows through w in the twin")
    assert lines(found) == ("w = z * 3", "w = tf.stop_gradient(z) * 3")
    found = apart(FUNCTION, "softmax(x * y", "softmax(tf.stop_gradient(x) * y")
    assert found.kind == "gradient" and found.text.endswith("; lines 8, 9 read it")


def test_a_line_on_which_the_twin_raises():
    found = apart(FUNCTION, "return w + y", "return w + y[:3]")
    assert (found.kind, *lines(found)) == ("raises", "return w + y", "return w + y[:3]")


def test_what_is_held_in_two_ways_and_comes_together_again_is_passed_over():
    source = """
    def f(x):
        hidden = x > 0
        y = x.masked_fill(hidden, 0.0)
        z = y * 2
        return z
    """
    twin = """
    def f(x):
        hidden = x <= 0
        y = tf.where(hidden, x, 0.0)
        z = y * 3
        return z
    """
    one = pair(source, twin, function("f", "x", comment="x=float32[8]"))
    [verdict] = verify(one, options=Options(device="cpu"))
    assert verdict.divergence is not None
    assert lines(verdict.divergence) == ("z = y * 2", "z = y * 3")


def test_a_functional_model():
    keras = """
    import keras
    from keras import layers

    inputs = keras.Input((6,))
    a = layers.Dense(4, activation="tanh")(inputs)
    b = layers.Dense(4)(inputs)
    c = layers.Multiply()([a, b])
    model = keras.Model(inputs, layers.Dense(2)(c))
    """
    conversion = convert(dedent(keras))
    assert "c = a * b" in conversion.twin
    twin = replace(conversion, twin=conversion.twin.replace("c = a * b", "c = a + b"))
    [verdict] = verify(twin, ["model"], Options(device="cpu"))
    assert verdict.divergence is not None
    assert lines(verdict.divergence) == ("c = layers.Multiply()([a, b])", "c = a + b")
    old = "self.dense_2 = nn.Linear(6, 4)"
    assert old in conversion.twin
    twin = replace(conversion, twin=conversion.twin.replace(old, "self.dense_2 = nn.Linear(4, 6)"))
    [verdict] = verify(twin, ["model"], Options(device="cpu"))
    assert verdict.divergence is not None
    assert lines(verdict.divergence) == ("b = layers.Dense(4)(inputs)", "self.dense_2 = nn.Linear(4, 6)")


TRAINING = """
    # diptych: x=float32[4,6]
    def train(x):
        model = nn.Linear(6, 3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            loss = model(x).pow(2).mean()
            loss.backward()
            optimizer.step()
        return loss
    """


def test_a_step_of_an_optimizer_is_found_by_what_it_leaves():
    found = apart(TRAINING, "learning_rate=0.1", "learning_rate=0.2")
    assert found.source is not None
    assert found.source.text in ("optimizer.step()", "loss = model(x).pow(2).mean()")


TAGGER = """
    # diptych: x=float32[2,5,4]
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(4, 3, batch_first=True, bidirectional=True)

        def forward(self, x):
            out, (h, c) = self.lstm(x)
            return out, h
    """


def test_what_a_helper_raises_leads_to_the_line_that_called_it():
    verdict = wrong(TAGGER, 'Recurrent("LSTM", 4, 3', 'Recurrent(4, "LSTM", 3')
    found = verdict.divergence
    assert found is not None and found.twin is not None and verdict.twin_line == found.twin.line
    assert "self.lstm = Recurrent(4," in found.twin.text and f"at line {found.twin.line}" in verdict.summary
    assert found.source is not None and found.source.text.startswith("self.lstm = nn.LSTM(4, 3")


def test_nothing_is_searched_where_both_agree(monkeypatch: pytest.MonkeyPatch):
    def never(*_: object) -> None:
        raise AssertionError("searched")

    monkeypatch.setattr(sys.modules["diptych.verification.verify"], "examine", never)
    conversion = convert(HEAD + dedent(FUNCTION))
    [verdict] = verify(conversion, options=Options(device="cpu"))
    assert verdict.agrees and verdict.divergence is None and verdict.lines is None


BRANCH = """
    # diptych: x=float32[2,4,4,4]
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 3, 3)
            self.note = "unseen"

        def forward(self, x):
            y = self.conv(x)
            for step in range(3):
                y = y * 0.5 + step
            label = self.note
            n = y.shape[0]
            return y.mean(dim=(2, 3)), n
    """


def line_by_line(source: str, old: str = "", new: str = "") -> Verdict:
    conversion = convert(HEAD + dedent(source))
    conversion = replace(conversion, twin=conversion.twin.replace(old, new)) if old else conversion
    [found] = verify(conversion, [conversion.entries[-1].name], Options(device="cpu", trace=True))
    return found


def test_what_each_line_assigned_is_told_in_order_where_both_agree():
    verdict = line_by_line(BRANCH)
    assert verdict.agrees and verdict.divergence is None and verdict.lines is not None
    told = {pair.source.text: pair for pair in verdict.lines}
    assert list(told) == [
        "def forward(self, x):", "y = self.conv(x)", "for step in range(3):", "y = y * 0.5 + step", "n = y.shape[0]",
        "return y.mean(dim=(2, 3)), n",
    ]  # fmt: skip
    conv, loop = told["y = self.conv(x)"], told["y = y * 0.5 + step"]
    assert conv.twin.text == "y = self.conv(x)" and conv.source.shape == conv.twin.shape == (2, 3, 2, 2)
    assert conv.status in ("identical", "rounding") and conv.absolute is not None and conv.absolute < 1e-5
    assert (conv.passes, loop.passes) == (1, 3)
    [row] = [row for row in verdict.to_json()["lines"] if row["name"] == "n"]
    assert (row["status"], row["source"]["numbers"], row["twin"]["numbers"]) == ("identical", [2.0], [2.0])


def test_what_each_line_assigned_is_told_to_the_end_where_they_part():
    verdict = line_by_line(BRANCH, "y * 0.5 + step", "y * 0.5 + step * step")
    assert verdict.verdict == "differs" and verdict.divergence is not None and verdict.lines is not None
    status = {pair.source.text: (pair.status, pair.worst) for pair in verdict.lines}
    assert status["y = self.conv(x)"][0] in ("identical", "rounding")
    assert status["y = y * 0.5 + step"] == ("differs", 3)
    assert status["return y.mean(dim=(2, 3)), n"] == ("differs", 1)


def test_a_loop_that_runs_another_time_is_a_row_of_its_own_kind():
    verdict = line_by_line(LOOP, "range(3)", "range(4)")
    assert verdict.lines is not None
    rows = shown(verdict.lines)
    assert [row[-1] for row in rows if row[0].endswith("for i in range(3):")] == ["differs"]
    assert [row[3] for row in rows if row[0].endswith("for i in range(3):")] == ["runs another number of times"]
