"""An encoder and a decoder that runs step by step on what it said itself."""

import torch
import torch.nn as nn


# diptych: source=int64[3,5] in 0..9
class Seq2Seq(nn.Module):
    def __init__(self, words: int = 10, width: int = 6):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.cell = nn.GRUCell(width, width)
        self.out = nn.Linear(2 * width, words)
        self.back = nn.Linear(words, width)

    def forward(self, source):
        memory, last = self.encoder(self.embed(source))
        h = last[0]
        x = memory[:, 0]
        steps = []
        for _ in range(4):
            h = self.cell(x, h)
            scores = torch.einsum("bd,btd->bt", h, memory)
            weights = torch.softmax(scores, dim=-1)
            context = torch.einsum("bt,btd->bd", weights, memory)
            both = torch.cat([h, context], dim=-1)
            logits = self.out(both)
            x = self.back(torch.softmax(logits, dim=-1))
            steps.append(logits)
        return torch.stack(steps, dim=1)
