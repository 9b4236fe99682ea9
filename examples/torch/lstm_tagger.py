"""A part-of-speech tagger: embedding, LSTM, linear layer."""

import torch
import torch.nn as nn
import torch.nn.functional as F


# diptych: sentence=int64[2,7] in 0..49
class LSTMTagger(nn.Module):
    def __init__(self, vocab_size: int = 50, embedding_dim: int = 16, hidden_dim: int = 24, tagset_size: int = 5):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, batch_first=True)
        self.hidden2tag = nn.Linear(hidden_dim, tagset_size)

    def forward(self, sentence: torch.Tensor) -> torch.Tensor:
        embeds = self.word_embeddings(sentence)
        lstm_out, _ = self.lstm(embeds)
        tag_space = self.hidden2tag(lstm_out)
        return F.log_softmax(tag_space, dim=-1)
