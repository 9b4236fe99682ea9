"""Sums of thousands of terms, in PyTorch: the order of summation differs."""

import torch
import torch.nn.functional as F


# diptych: x=float32[4,4096], w=float32[4096,8]
def matrix_product(x, w):
    return x @ w


# diptych: x=float32[4,3000], w=float32[6,3000], b=float32[6]
def linear_by_parts(x, w, b):
    return F.linear(x, w, b)


# diptych: x=float32[3,8192]
def softmax_of_many(x):
    return torch.softmax(x, dim=1)


# diptych: x=float32[3,8192]
def logsumexp_of_many(x):
    return torch.logsumexp(x, dim=1)


# diptych: x=float32[3,4096]
def layer_norm_of_many(x):
    return F.layer_norm(x, (4096,))


# diptych: x=float32[6,3000], y=int64[6] in 0..2999
def cross_entropy_of_many(x, y):
    return F.cross_entropy(x, y)


# diptych: x=float32[4,5000], y=float32[4,5000]
def mean_square(x, y):
    return F.mse_loss(x, y)


# diptych: x=float32[4,80], w=float32[80,90], y=float32[4,90]
def bilinear_form(x, w, y):
    return torch.einsum("bi,ij,bj->b", x, w, y)


# diptych: q=float32[2,96,16], k=float32[2,96,16], v=float32[2,96,16]
def long_attention(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)


# diptych: x=float32[2,48,7,7], w=float32[32,48,3,3]
def wide_convolution(x, w):
    return F.conv2d(x, w)


# diptych: x=float32[5,4000], y=float32[5,4000]
def cosine(x, y):
    return F.cosine_similarity(x, y, dim=1)


# diptych: ids=int64[4,200] in 0..49, table=float32[50,12]
def mean_of_embeddings(ids, table):
    return F.embedding(ids, table).mean(dim=1)
