"""A name that looks the same means something else in the twin. In PyTorch."""

import torch
import torch.nn.functional as F


# diptych: x=float32[30]
def remainder_of_negatives(x):
    return torch.fmod(x, 2.0)


# diptych: x=int64[20] in -9..9
def division_of_negatives(x):
    return torch.div(x, 4, rounding_mode="trunc")


# diptych: x=float32[40]
def rounded_to_digits(x):
    return torch.round(x * 0.123, decimals=2)


# diptych: x=float32[2,3,8,8], w=float32[4,3,3,3]
def padding_at_stride_two(x, w):
    return F.conv2d(x, w, stride=2, padding=1)


# diptych: x=float32[2,3,8,8]
def pooling_at_stride_two(x):
    return F.max_pool2d(x, 3, 2, padding=1)


# diptych: x=float32[2,3,6,6]
def average_with_padding(x):
    return F.avg_pool2d(x, 3, 1, padding=1)


# diptych: x=float32[1,2,5,5]
def corners_aligned(x):
    return F.interpolate(x, size=(9, 9), mode="bilinear", align_corners=True)


# diptych: x=float32[1,2,5,7]
def nearest_pixel(x):
    return F.interpolate(x, size=(8, 9), mode="nearest")


# diptych: x=float32[1,2,6,6]
def bicubic(x):
    return F.interpolate(x, size=(9, 9), mode="bicubic", align_corners=False)


# diptych: x=float32[6,5], y=int64[6] in 0..4
def logits_for_probabilities(x, y):
    return F.cross_entropy(x, y)


# diptych: x=float32[6,5] in 0.05..0.95, y=float32[6,5] in 0.05..0.95
def order_of_loss_arguments(x, y):
    return F.binary_cross_entropy(x, y)


# diptych: x=float32[4,6], y=float32[4,6]
def mean_of_divergence(x, y):
    return F.kl_div(F.log_softmax(x, 1), F.softmax(y, 1), reduction="batchmean")


# diptych: x=float32[4,6], y=float32[4,6]
def poisson_of_logarithms(x, y):
    return F.poisson_nll_loss(x, y)


# diptych: x=float32[6]
def bins(x):
    return torch.bucketize(x.round(), torch.tensor([-1.0, 0.0, 1.0]))


# diptych: x=float32[8], ids=int64[5] in 0..2
def added_where_ids_repeat(x, ids):
    return torch.zeros(8).index_add(0, ids, x[:5])


# diptych: x=float32[12], mask=bool[12]
def masked(x, mask):
    return x.masked_fill(mask, -1.0)


# diptych: x=float32[4,4], mask=bool[4,4]
def mask_of_attention(x, mask):
    scores = x @ x.T
    return torch.softmax(scores.masked_fill(mask, -1e4), -1) @ x


# diptych: x=float32[2,5,5]
def causal_mask_with_diagonal(x):
    allowed = torch.ones(5, 5).tril().bool()
    return torch.softmax(x.masked_fill(~allowed, float("-inf")), -1)


# diptych: x=float32[20]
def sign_with_zero(x):
    return torch.sign(x)


# diptych: x=float32[6]
def heaviside_at_zero(x):
    return torch.heaviside(x, torch.tensor(0.5))


# diptych: x=float32[4,5]
def padded_by_reflection(x):
    return F.pad(x[None], (2, 2), mode="reflect")[0]


# diptych: x=float32[20]
def unique_in_order(x):
    return torch.unique(x.round())


# diptych: x=float32[3,6]
def negative_cosine(x):
    return F.cosine_similarity(x, x.roll(1, 0)).mean()
