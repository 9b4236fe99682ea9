"""Ill-conditioned computations, in PyTorch: small changes of the input move the result a lot."""

import math

import torch
import torch.nn.functional as F


# diptych: a=float32[10,10], b=float32[10,3]
def solution_of_equations(a, b):
    return torch.linalg.solve(a, b)


# diptych: a=float32[9,9]
def determinant(a):
    return torch.linalg.det(a + 3 * torch.eye(9))


# diptych: a=float32[7,7]
def inverse_times_itself(a):
    return torch.linalg.inv(a) @ a.T


# diptych: x=float32[8,12]
def softmax_of_large_logits(x):
    return torch.softmax(x * 50, dim=-1)


# diptych: x=float32[6,40]
def variance_far_from_zero(x):
    return (x + 1000).var(dim=1)


# diptych: x=float32[10,6], y=float32[8,6]
def squared_distances(x, y):
    return ((x[:, None, :] - y[None, :, :]) ** 2).sum(-1)


# diptych: a=float32[6,6], b=float32[6,2]
def cholesky_solution(a, b):
    m = a @ a.T + 0.1 * torch.eye(6)
    return torch.cholesky_solve(b, torch.linalg.cholesky(m))


# diptych: x=float32[50]
def tangent(x):
    return torch.tan(x)


# diptych: x=float32[60]
def log_sigmoid(x):
    return F.logsigmoid(x)


# diptych: x=float32[60] in -4.0..4.0
def soft_plus(x):
    return F.softplus(x)


# diptych: b=float32[40], c=float32[40]
def stable_quadratic_root(b, c):
    d = torch.sqrt(b * b + c * c)
    return torch.where(b > 0, -b - d, d - b)


# diptych: x=float32[40]
def angle_of_a_vector(x):
    return torch.atan2(torch.sin(x), 2 + torch.cos(x))


# diptych: x=float32[3,30]
def centred_sum(x):
    return (x - x.mean(dim=1, keepdim=True)).sum(dim=1)


# diptych: x=float32[20] in 1.0..40.0
def log_gamma_ratio(x):
    return torch.lgamma(x + 0.5) - torch.lgamma(x)


# diptych: x=float32[24], y=float32[24]
def difference_of_squares(x, y):
    return (x - y) * (x + y)


# diptych: x=float32[30]
def half_angle(x):
    return 1 - torch.cos(x)


# diptych: x=float32[5,9], scale=float32[9]
def standardised_with_tiny_spread(x, scale):
    y = 100 + 0.01 * x
    return (y - y.mean(0)) / y.std(0, unbiased=False).clamp(min=1e-3) * scale


# diptych: x=float32[12] in 0.001..0.01
def entropy_of_rare_events(x):
    return -(x * torch.log(x) + (1 - x) * torch.log1p(-x)) / math.log(2.0)
