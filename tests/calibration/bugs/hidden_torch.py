"""The result may look right: gradients, training, precision, rare inputs. In PyTorch."""

import torch
import torch.nn.functional as F
from torch import nn


# diptych: x=float32[16]
def stopped_gradient(x):
    return x * x


# diptych: x=float32[4,8], w=float32[8,3]
def detached_target(x, w):
    return F.mse_loss(x @ w, (x @ w * 2).detach())


# diptych: x=float32[20]
def straight_through(x):
    return x + (x.round() - x).detach()


# diptych: x=float32[5,10]
def overflowing_softmax(x):
    return torch.softmax(x, dim=1)


# diptych: x=float32[30]
def logarithm_of_sigmoid(x):
    return F.logsigmoid(x)


# diptych: x=float32[20]
def norm_of_zeros(x):
    return F.normalize(x, dim=0)


# diptych: x=float32[16]
def logarithm_of_negatives(x):
    return torch.log(x)


# diptych: x=float32[3,4]
def kept_axis(x):
    return x.sum(1, keepdim=True)


# diptych: x=float32[6,4]
def index_as_float(x):
    return x.argmax(1)


# diptych: x=float32[4]
def two_results(x):
    return x, x + 1


# diptych: x=float32[4,6]
class MomentumOfStatistics(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x):
        return self.norm(x)


# diptych: x=float32[5,6]
class BiasedStatistics(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(6)
        self.out = nn.Linear(6, 2)

    def forward(self, x):
        return self.out(self.norm(x))


# diptych: x=float32[4,6]
class DropoutOutsideOfTraining(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(6, 4)

    def forward(self, x):
        return self.out(F.dropout(x, 0.5, training=self.training))


# diptych: ids=int64[3,5] in 0..9
class ResetBeforeProduct(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.gru = nn.GRU(4, 5, batch_first=True)

    def forward(self, ids):
        return self.gru(self.embed(ids))[0]


# diptych: x=float32[4,8]
class MissingActivation(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 2)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(6, 8)
        self.b = nn.Linear(8, 3)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


# diptych: model=Net(), x=float32[8,6], y=float32[8,3]
def place_of_epsilon(model, x, y):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-3)
    F.mse_loss(model(x), y).backward()
    optimizer.step()


# diptych: model=Net(), x=float32[8,6], y=float32[8,3]
def decay_of_weights(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()


# diptych: model=Net(), x=float32[8,6], y=float32[8,3]
def gradients_that_add_up(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(2):
        F.mse_loss(model(x), y).backward()
        optimizer.step()


# diptych: model=Net(), x=float32[8,6], y=float32[8,3]
def norm_of_each_gradient(model, x, y):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    F.mse_loss(model(x), y * 50).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
