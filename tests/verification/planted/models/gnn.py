"""Message passing over edges."""

import torch
import torch.nn as nn


# diptych: x=float32[6,5], source=int64[9] in 0..5, target=int64[9] in 0..5
class GraphConv(nn.Module):
    def __init__(self, width: int = 5, hidden: int = 8):
        super().__init__()
        self.message = nn.Linear(2 * width, hidden)
        self.update = nn.Linear(width + hidden, width)

    def forward(self, x, source, target):
        senders = x[source]
        receivers = x[target]
        pairs = torch.cat([senders, receivers - senders], dim=-1)
        messages = torch.relu(self.message(pairs))
        total = torch.zeros(x.shape[0], messages.shape[1]).index_add(0, target, messages)
        degree = torch.zeros(x.shape[0]).index_add(0, target, torch.ones(target.shape[0]))
        mean = total / degree.clamp(min=1.0).unsqueeze(-1)
        new = self.update(torch.cat([x, mean], dim=-1))
        return x + 0.1 * new
