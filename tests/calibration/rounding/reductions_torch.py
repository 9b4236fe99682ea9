"""Reductions, in PyTorch: the same numbers, added by other roads."""

import torch
import torch.nn.functional as F


# diptych: x=float32[40,60]
def total(x):
    return x.sum()


# diptych: x=float32[6,8,10]
def mean_over_two_axes(x):
    return x.mean(dim=(1, 2))


# diptych: x=float32[5,30] in 0.8..1.2
def product(x):
    return x.prod(dim=1)


# diptych: x=float32[7,50]
def euclidean_norm(x):
    return torch.linalg.vector_norm(x, dim=1)


# diptych: x=float32[5,64]
def running_sum(x):
    return torch.cumsum(x, dim=1)


# diptych: a=float32[20,20], b=float32[20,20]
def trace_of_product(a, b):
    return torch.trace(a @ b)


# diptych: x=float32[6,40], w=float32[6,40] in 0.1..2.0
def weighted_mean(x, w):
    return (x * w).sum(1) / w.sum(1)


# diptych: x=float32[30,6]
def covariance(x):
    return torch.cov(x.T)


# diptych: x=float32[30,5]
def correlation(x):
    return torch.corrcoef(x.T)


# diptych: x=float32[40,3], groups=int64[40] in 0..4
def sums_by_group(x, groups):
    return torch.zeros(5, 3).index_add(0, groups, x)


# diptych: x=float32[2,4,12,12]
def pooled(x):
    return F.avg_pool2d(x, 3)


# diptych: x=float32[8,16], y=float32[8,16] in -4.0..4.0
def divergence(x, y):
    return F.kl_div(F.log_softmax(x, 1), F.softmax(y, 1), reduction="batchmean")


# diptych: x=float32[6,40]
def standard_deviation(x):
    return x.std(dim=1)


# diptych: x=float32[4,33]
def sum_of_the_largest(x):
    return torch.topk(x, 7, dim=1).values.sum(1)


# diptych: x=float32[5,50], y=float32[5,50]
def smooth_l1(x, y):
    return F.smooth_l1_loss(x, y, beta=0.5)


# diptych: x=float32[4,6,5,5], weight=float32[6], bias=float32[6]
def batch_norm_of_a_batch(x, weight, bias):
    return F.batch_norm(x, None, None, weight, bias, training=True)


# diptych: x=float32[3,8,20], weight=float32[8], bias=float32[8]
def group_norm(x, weight, bias):
    return F.group_norm(x, 2, weight, bias)


# diptych: x=float32[6,30]
def centre_of_mass(x):
    p = torch.softmax(x, 1)
    return (p * torch.arange(30.0)).sum(1)
