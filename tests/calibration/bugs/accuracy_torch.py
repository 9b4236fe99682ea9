"""The twin in TensorFlow is right and rounds far worse. In PyTorch, the accurate side."""

import torch


# diptych: x=float32[4,64]
def variance_by_squares(x):
    return x.var(dim=-1, unbiased=False)


# diptych: x=float32[40] in 0.00001..0.001
def logarithm_near_one(x):
    return torch.log1p(x)


# diptych: x=float32[40] in 0.00001..0.001
def exponential_near_zero(x):
    return torch.expm1(x)


# diptych: x=float32[30,3], y=float32[20,3]
def distances_by_products(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(-1)


# diptych: x=float32[40] in 0.00001..0.001
def one_minus_cosine(x):
    return 2 * torch.sin(x / 2) ** 2


# diptych: x=float32[5,60]
def deviation_by_squares(x):
    return (x + 30 + torch.arange(60.0) / 20).std(dim=1, unbiased=False)


# diptych: b=float32[40] in 50.0..200.0, c=float32[40] in 0.01..0.1
def small_quadratic_root(b, c):
    return 2 * c / (b + torch.sqrt(b * b + 4 * c))


# diptych: x=float32[6,300] in -3.0..3.0
def sum_in_half_precision(x):
    return x.sum(dim=1)


# diptych: x=float32[8,32], w=float32[32,8]
def product_in_bfloat16(x, w):
    return x @ w


# diptych: x=float32[4,400] in 100.0..200.0
def moving_sum_by_differences(x):
    return x.unfold(1, 5, 1).sum(-1) - 700


# diptych: x=float32[40] in 0.00001..0.001
def hyperbolic_sine(x):
    return torch.sinh(x)


# diptych: x=float32[30,4]
def covariance_by_products(x):
    y = x + 200
    return torch.cov(y.T)
