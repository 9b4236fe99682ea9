"""Models and training: weights carried over, both modes, running statistics, optimizer steps, both directions."""

from __future__ import annotations

from textwrap import dedent

from twins import CNN, CNN_TORCH, cnn_twin, function, module, verdict

from diptych.conversion import convert
from diptych.conversion.result import Entry
from diptych.verification import Options, verify

BLOCK_TORCH = """
class Block(nn.Module):
    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        wide = [nn.Linear(width, 32), nn.GELU(), nn.Dropout(0.1), nn.Linear(32, width)]
        self.mlp = nn.Sequential(nn.LayerNorm(width), *wide)
        self.drop = nn.Dropout(0.2)
        self.scale = nn.Parameter(torch.ones(width))

    def forward(self, x):
        b, n, c = x.shape
        parts = self.qkv(self.norm(x)).chunk(3, -1)
        q, k, v = (t.view(b, n, self.heads, c // self.heads).transpose(1, 2) for t in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.drop(self.proj(y.transpose(1, 2).reshape(b, n, c))) * self.scale
        return x + self.mlp(x)
"""

BLOCK_TENSORFLOW = """
class Block(keras.Model):
    def __init__(self, width=16, heads=2):
        super().__init__()
        self.heads = heads
        self.norm = keras.layers.LayerNormalization(epsilon=1e-5)
        self.qkv = keras.layers.Dense(3 * width)
        self.proj = keras.layers.Dense(width)
        self.mlp = keras.Sequential([
            keras.layers.LayerNormalization(epsilon=1e-5), keras.layers.Dense(32),
            keras.layers.Activation(lambda x: keras.activations.gelu(x, approximate=False)),
            keras.layers.Dropout(0.1), keras.layers.Dense(width),
        ])
        self.drop = keras.layers.Dropout(0.2)
        self.scale = self.add_weight(shape=(width,), initializer="ones", name="scale")

    def call(self, x, training=False):
        b, n, c = tf.shape(x)[0], x.shape[1], x.shape[2]
        parts = tf.split(self.qkv(self.norm(x)), 3, axis=-1)
        q, k, v = (tf.transpose(tf.reshape(t, (b, n, self.heads, c // self.heads)), (0, 2, 1, 3)) for t in parts)
        scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(c // self.heads, q.dtype))
        allowed = tf.linalg.band_part(tf.ones((n, n), tf.bool), -1, 0)
        y = tf.nn.softmax(tf.where(allowed, scores, -float("inf"))) @ v
        y = tf.reshape(tf.transpose(y, (0, 2, 1, 3)), (b, n, c))
        x = x + self.drop(self.proj(y), training=training) * self.scale
        return x + self.mlp(x, training=training)
"""

TAGGER_TORCH = """
class Tagger(nn.Module):
    def __init__(self, words=20, tags=5):
        super().__init__()
        self.embed = nn.Embedding(words, 8)
        self.lstm = nn.LSTM(8, 6, batch_first=True)
        self.gru = nn.GRU(6, 6, batch_first=True)
        self.out = nn.Linear(6, tags)

    def forward(self, ids):
        h, _ = self.lstm(self.embed(ids))
        h, _ = self.gru(h)
        return self.out(h)
"""

TAGGER_TENSORFLOW = """
class Tagger(keras.Model):
    def __init__(self, words=20, tags=5):
        super().__init__()
        self.embed = keras.layers.Embedding(words, 8)
        self.lstm = keras.layers.LSTM(6, return_sequences=True)
        self.gru = keras.layers.GRU(6, return_sequences=True, reset_after=True)
        self.out = keras.layers.Dense(tags)

    def call(self, ids):
        return self.out(self.gru(self.lstm(self.embed(ids))))
"""

STEP_TORCH = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(6, 16)
        self.b = nn.Linear(16, 3)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))

def train(steps=5):
    model = Net()
    optimizer = torch.optim.OPTIMIZER
    x = torch.linspace(-1, 1, 48).reshape(8, 6)
    y = torch.arange(8) % 3
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, model

def step(model, x, y):
    optimizer = torch.optim.OPTIMIZER
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss
"""

STEP_TENSORFLOW = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.a = keras.layers.Dense(16)
        self.b = keras.layers.Dense(3)

    def call(self, x):
        return self.b(tf.tanh(self.a(x)))

def step_of(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(x))
        loss = tf.reduce_mean(losses)
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss

def train(steps=5):
    model = Net()
    optimizer = keras.optimizers.OPTIMIZER
    x = tf.reshape(tf.linspace(-1.0, 1.0, 48), (8, 6))
    y = tf.range(8) % 3
    return [float(step_of(model, optimizer, x, y)) for _ in range(steps)], model

def step(model, x, y):
    return step_of(model, keras.optimizers.OPTIMIZER, x, y)
"""

SGD = ("SGD(model.parameters(), lr=0.1, momentum=0.9)", "SGD(learning_rate=0.1, momentum=0.9)")
# The two frameworks add epsilon at different places: only a negligible one is the same in both.
ADAM = ("Adam(model.parameters(), lr=0.01, eps=1e-13)", "Adam(learning_rate=0.01, epsilon=1e-13)")

FUNCTIONAL_TENSORFLOW = """
inputs = keras.Input((8, 8, 3))
a = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
b = keras.layers.Conv2D(4, 3, padding="same")(a)
c = keras.layers.Add()([a, b])
outputs = keras.layers.Dense(5)(keras.layers.GlobalAveragePooling2D()(c))
model = keras.Model(inputs, outputs)
"""

FUNCTIONAL_TORCH = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        a = F.relu(self.first(x.permute(0, 3, 1, 2)))
        return self.head((a + self.second(a)).mean((2, 3)))

model = Model()
"""


def optimized(text: str, optimizer: str) -> str:
    return text.replace("OPTIMIZER", optimizer)


def test_a_convolutional_network_agrees_in_every_mode():
    found = verdict(CNN_TORCH, cnn_twin(), CNN)
    assert found.verdict == "equal within rounding", found.summary
    assert set(found.evidence.modes) == {"eager", "tf.function", "train", "eval"}
    assert found.evidence.samples == 6
    assert found.evidence.versions["torch"] and found.evidence.versions["keras"]


def test_an_epsilon_of_batch_norm_is_a_difference():
    found = verdict(CNN_TORCH, cnn_twin(epsilon="1.1e-5"), CNN)
    assert found.verdict == "differs", found.summary


def test_a_biased_running_variance_is_a_difference_of_the_state():
    twin = cnn_twin(batch_norm="BatchNorm = keras.layers.BatchNormalization")
    found = verdict(CNN_TORCH, twin, CNN)
    assert found.verdict == "differs"
    assert "bn.running_var after the call" in (found.reason or "")


def test_same_padding_at_stride_2_is_a_difference():
    padded = "keras.Sequential([keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(16, 3, strides=2)])"
    twin = cnn_twin().replace(padded, 'keras.layers.Conv2D(16, 3, strides=2, padding="same")')
    assert padded not in twin
    found = verdict(CNN_TORCH, twin, CNN)
    assert found.verdict == "differs"
    assert "the result is off by" in (found.reason or "")


def test_weights_that_do_not_fit_are_listed():
    twin = cnn_twin().replace("keras.layers.Dense(10)", "keras.layers.Dense(11)")
    found = verdict(CNN_TORCH, twin, CNN)
    assert found.verdict == "differs"
    assert "fc.weight has shape [10, 256], expected [11, 256]" in (found.reason or "")


def test_a_transformer_block_with_dropout_agrees():
    found = verdict(BLOCK_TORCH, BLOCK_TENSORFLOW, module("Block", "x", comment="x=float32[2,5,16]"))
    assert found.agrees, found.summary
    assert "tf.function" in found.evidence.modes


def test_recurrent_layers_agree():
    entry = module("Tagger", "ids", comment="ids=int64[3,7] in 0..19")
    found = verdict(TAGGER_TORCH, TAGGER_TENSORFLOW, entry)
    assert found.agrees, found.summary
    found = verdict(TAGGER_TORCH, TAGGER_TENSORFLOW, entry, backwards=True)
    assert found.agrees, found.summary


def test_functions_that_build_and_train_a_model_agree():
    for torch, keras in (SGD, ADAM):
        found = verdict(optimized(STEP_TORCH, torch), optimized(STEP_TENSORFLOW, keras), function("train"))
        assert found.agrees, found.summary
        assert found.evidence.samples == 7


def test_an_epsilon_that_keras_adds_elsewhere_is_a_difference():
    torch, keras = (text.replace("1e-13", "1e-7") for text in ADAM)
    found = verdict(optimized(STEP_TORCH, torch), optimized(STEP_TENSORFLOW, keras), function("train"))
    assert found.verdict == "differs", found.summary


def test_a_training_step_on_a_model_agrees_and_its_weights_too():
    entry = function("step", "model", "x", "y", comment="model=Net(), x=float32[8,6], y=int64[8] in 0..2")
    for backwards in (False, True):
        found = verdict(optimized(STEP_TORCH, SGD[0]), optimized(STEP_TENSORFLOW, SGD[1]), entry, backwards=backwards)
        assert found.agrees, found.summary
    wrong = verdict(optimized(STEP_TORCH, SGD[0]), optimized(STEP_TENSORFLOW, ADAM[1]), entry)
    assert wrong.verdict == "differs"
    assert "after the call" in (wrong.reason or "")


def test_a_functional_model_gives_its_weights_by_order():
    entry = Entry("model", "model", 1)
    found = verdict(FUNCTIONAL_TORCH, FUNCTIONAL_TENSORFLOW, entry, backwards=True)
    assert found.agrees, found.summary
    assert found.evidence.inputs == {"x": "float32[2,8,8,3]"}


def test_a_twin_that_needs_a_known_batch_size_is_a_difference():
    twin = BLOCK_TENSORFLOW.replace("tf.shape(x)[0], x.shape[1]", "x.shape[0], x.shape[1]")
    found = verdict(BLOCK_TORCH, twin, module("Block", "x", comment="x=float32[2,5,16]"))
    assert found.verdict == "differs"
    assert "under tf.function with an unknown batch size" in (found.reason or "")


def test_einops_packs_and_unpacks_a_batch_of_unknown_size():
    source = dedent(
        """
        import torch
        from einops import pack, unpack
        from torch import nn

        # diptych: x=float32[2,3,4,6]
        class Packed(nn.Module):
            def __init__(self):
                super().__init__()
                self.mix = nn.Linear(6, 6)
                self.first = nn.Parameter(torch.randn(1, 6))

            def forward(self, x):
                x, shapes = pack([x], "* d")
                x, parts = pack([self.first, self.mix(x)], "* d")
                first, x = unpack(x, packed_shapes=[parts[0], parts[1]], pattern="* d")
                return first, unpack(x, shapes, "* d")[0]
        """
    )
    [found] = verify(convert(source), options=Options(device="cpu"))
    assert found.agrees and "tf.function" in found.evidence.modes, found.summary


def test_a_model_that_looks_at_its_first_parameter_agrees():
    source = dedent(
        """
        import torch
        from torch import nn

        # diptych: x=float32[2,3], k=int64[2,3]
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(3, 3)

            def forward(self, x, k):
                first = next(self.parameters()).dtype
                device = next(self.parameters()).device
                ones = torch.ones(3, device=device, dtype=next(self.parameters()).dtype)
                return self.fc(x.to(device)) * k.to(dtype=first) + ones
        """
    )
    [found] = verify(convert(source), options=Options(device="cpu"))
    assert found.agrees, found.summary
