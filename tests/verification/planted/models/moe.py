"""A mixture of experts, the best two of each row weighted by a gate."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Expert(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.inner = nn.Linear(width, 10)
        self.outer = nn.Linear(10, width)

    def forward(self, x):
        return self.outer(F.silu(self.inner(x)))


# diptych: x=float32[7,6]
class Mixture(nn.Module):
    def __init__(self, width: int = 6, experts: int = 4):
        super().__init__()
        self.gate = nn.Linear(width, experts)
        self.experts = nn.ModuleList([Expert(width) for _ in range(experts)])

    def forward(self, x):
        logits = self.gate(x)
        values, indices = torch.topk(logits, 2, dim=-1)
        weights = torch.softmax(values, dim=-1)
        every = torch.stack([expert(x) for expert in self.experts], dim=1)
        chosen = torch.gather(every, 1, indices.unsqueeze(-1).expand(-1, -1, x.shape[-1]))
        mixed = (chosen * weights.unsqueeze(-1)).sum(dim=1)
        load = torch.softmax(logits, dim=-1).mean(dim=0)
        balance = (load * load).sum() * 4.0
        return x + mixed, balance
