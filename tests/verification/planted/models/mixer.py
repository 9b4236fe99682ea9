"""An MLP mixer: along tokens, then along channels."""

import torch.nn as nn
import torch.nn.functional as F


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.first = nn.Linear(width, hidden)
        self.second = nn.Linear(hidden, width)

    def forward(self, x):
        x = F.gelu(self.first(x))
        return self.second(x)


# diptych: x=float32[2,6,9]
class Mixer(nn.Module):
    def __init__(self, tokens: int = 6, width: int = 9, depth: int = 2):
        super().__init__()
        self.token_norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(depth)])
        self.channel_norms = nn.ModuleList([nn.LayerNorm(width) for _ in range(depth)])
        self.token_mlps = nn.ModuleList([Mlp(tokens, 12) for _ in range(depth)])
        self.channel_mlps = nn.ModuleList([Mlp(width, 18) for _ in range(depth)])
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        for n1, t, n2, c in zip(self.token_norms, self.token_mlps, self.channel_norms, self.channel_mlps, strict=True):
            y = n1(x).transpose(1, 2)
            x = x + t(y).transpose(1, 2)
            x = x + c(n2(x))
        x = x.mean(dim=1)
        return self.head(x) / 3.0
