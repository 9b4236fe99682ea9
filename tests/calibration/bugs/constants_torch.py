"""One constant is another in the twin: a default, an epsilon, a factor. In PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


# diptych: x=float32[4,12]
def leaky_slope(x):
    return F.leaky_relu(x)


# diptych: x=float32[4,32]
def layer_norm_epsilon(x):
    return F.layer_norm(x, (32,), eps=1e-5)


# diptych: x=float32[4,32]
def small_layer_norm_epsilon(x):
    return F.layer_norm(x, (32,), eps=1e-6)


# diptych: x=float32[4,12]
def tanh_gelu(x):
    return F.gelu(x)


# diptych: x=float32[4,12]
def softplus_beta(x):
    return F.softplus(x, beta=2)


# diptych: x=float32[4,12]
def elu_alpha(x):
    return F.elu(x, alpha=0.5)


# diptych: x=float32[4,12]
def old_hard_sigmoid(x):
    return F.hardsigmoid(x)


# diptych: x=float32[6,10]
def sample_variance(x):
    return x.var(dim=1)


# diptych: x=float32[6,400]
def sample_deviation_of_many(x):
    return x.std(dim=1)


# diptych: x=float32[2,6,16], w=float32[16,48]
def attention_scale(x, w):
    q, k, v = (x @ w).chunk(3, dim=-1)
    return F.scaled_dot_product_attention(q, k, v)


# diptych: x=float32[5,8], y=float32[5,8]
def huber_delta(x, y):
    return F.smooth_l1_loss(x, y, beta=0.5)


# diptych: x=float32[6,5], y=int64[6] in 0..4
def label_smoothing(x, y):
    return F.cross_entropy(x, y, label_smoothing=0.1)


# diptych: x=float32[3,8]
def degrees(x):
    return torch.rad2deg(x)


# diptych: x=float32[5,40]
def last_digit_of_a_constant(x):
    return x * 0.70710678


# diptych: x=float32[4,16]
class NormWithKerasEpsilon(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(16)
        self.out = nn.Linear(16, 4)

    def forward(self, x):
        return self.out(self.norm(x))


# diptych: x=float32[4,6]
class DropoutRate(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(6, 4)

    def forward(self, x):
        return self.out(self.drop(x))


# diptych: x=float32[30]
def clipped_at_six(x):
    return x.clamp(0, 6)


# diptych: x=float32[4,20], y=float32[4,20]
def cosine_epsilon(x, y):
    return F.cosine_similarity(x * 1e-9, y * 1e-9, dim=1, eps=1e-8)
