"""Recurrences, in PyTorch: each step feeds the next."""

import torch
from torch import nn


# diptych: x=float32[3,30,8], w=float32[8,8], u=float32[8,8]
def elman(x, w, u):
    h = torch.zeros(x.shape[0], 8)
    for t in range(30):
        h = torch.tanh(x[:, t] @ w + h @ u)
    return h


# diptych: x=float32[2,12,5], w=float32[11,24], b=float32[24]
def lstm_by_hand(x, w, b):
    h, c = torch.zeros(2, 6), torch.zeros(2, 6)
    for t in range(12):
        i, f, g, o = (torch.cat([x[:, t], h], dim=1) @ w + b).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
    return h, c


# diptych: x=float32[2,10,6], w=float32[6,18], u=float32[6,18]
def gru_by_hand(x, w, u):
    h = torch.zeros(2, 6)
    for t in range(10):
        a, b = x[:, t] @ w, h @ u
        r = torch.sigmoid(a[:, :6] + b[:, :6])
        z = torch.sigmoid(a[:, 6:12] + b[:, 6:12])
        h = (1 - z) * torch.tanh(a[:, 12:] + r * b[:, 12:]) + z * h
    return h


# diptych: x=float32[4,50]
def moving_average(x):
    y, out = torch.zeros(4), []
    for t in range(50):
        y = 0.9 * y + 0.1 * x[:, t]
        out.append(y)
    return torch.stack(out, dim=1)


# diptych: x=float32[3,25,4], w=float32[4,4]
def linear_system(x, w):
    m = w / w.norm()
    h = torch.zeros(3, 4)
    for t in range(25):
        h = h @ m + x[:, t]
    return h


# diptych: x=float32[40], noise=0.1..1.0
def kalman_filter(x, noise):
    mean, spread = x[0], 1.0
    for t in range(1, 40):
        spread = spread + noise
        gain = spread / (spread + 1.0)
        mean = mean + gain * (x[t] - mean)
        spread = (1 - gain) * spread
    return mean


# diptych: x=float32[6,2] in -2.0..2.0
def van_der_pol(x):
    p, v = x[:, 0], x[:, 1]
    for _ in range(40):
        p, v = p + 0.05 * v, v + 0.05 * ((1 - p * p) * v - p)
    return torch.stack([p, v], dim=1)


# diptych: x=float32[4,30]
def running_logsumexp(x):
    return torch.logcumsumexp(x, dim=1)


# diptych: ids=int64[3,9] in 0..19
class LstmTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 6, batch_first=True)
        self.out = nn.Linear(6, 5)

    def forward(self, ids):
        return self.out(self.lstm(self.embed(ids))[0])


# diptych: x=float32[3,11,4]
class GruReader(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 7, batch_first=True)
        self.out = nn.Linear(7, 2)

    def forward(self, x):
        return self.out(self.gru(x)[0][:, -1])


# diptych: a=float32[3,20] in 0.1..0.95, x=float32[3,20]
def gated_scan(a, x):
    h, out = torch.zeros(3), []
    for t in range(20):
        h = a[:, t] * h + (1 - a[:, t]) * x[:, t]
        out.append(h)
    return torch.stack(out, 1)
