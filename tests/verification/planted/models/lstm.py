"""A tagger with a bidirectional LSTM."""

import torch
import torch.nn as nn


# diptych: ids=int64[3,7] in 0..19
class Tagger(nn.Module):
    def __init__(self, words: int = 20, width: int = 6, hidden: int = 5, tags: int = 4):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, tags)

    def forward(self, ids):
        x = self.embedding(ids) * 2.0
        states, (h, _) = self.lstm(x)
        summary = torch.cat([h[0], h[1]], dim=-1)
        states = states + summary.unsqueeze(1)
        scores = self.out(torch.tanh(states))
        return torch.log_softmax(scores, dim=-1)
