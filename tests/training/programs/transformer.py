"""A Transformer classifier of padded sequences: warm-up, label smoothing, clipped gradients."""

import argparse
import math

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset

PAD = 0


class Sentences(Dataset):
    def __init__(self, n, vocab):
        lengths = torch.randint(3, 8, (n,)).tolist()
        self.sentences = [torch.randint(1, vocab, (length,)) for length in lengths]
        self.labels = [length % 3 for length in lengths]

    def __len__(self):
        return len(self.sentences)

    def __getitem__(self, idx):
        return self.sentences[idx], self.labels[idx]


def collate(batch):
    sentences, labels = zip(*batch)
    return nn.utils.rnn.pad_sequence(sentences, batch_first=True, padding_value=PAD), torch.tensor(labels)


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=64):
        super().__init__()
        self.dropout = nn.Dropout(p=dropout)
        pe = torch.zeros(max_len, d_model)
        position = torch.arange(0, max_len, dtype=torch.float).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
        pe[:, 0::2] = torch.sin(position * div_term)
        pe[:, 1::2] = torch.cos(position * div_term)
        pe = pe.unsqueeze(0)
        self.register_buffer("pe", pe)

    def forward(self, x):
        x = x + self.pe[:, : x.size(1)]
        return self.dropout(x)


class Classifier(nn.Module):
    def __init__(self, vocab, d_model=16, nhead=2, nlayers=2, num_classes=3, dropout=0.1):
        super().__init__()
        self.d_model = d_model
        self.embed = nn.Embedding(vocab, d_model, padding_idx=PAD)
        self.pos = PositionalEncoding(d_model, dropout)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, dim_feedforward=4 * d_model, dropout=dropout, activation="gelu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=nlayers)
        self.norm = nn.LayerNorm(d_model)
        self.fc = nn.Linear(d_model, num_classes)

    def forward(self, tokens):
        mask = tokens == PAD
        x = self.pos(self.embed(tokens) * math.sqrt(self.d_model))
        x = self.encoder(x, src_key_padding_mask=mask)
        x = x.masked_fill(mask.unsqueeze(-1), 0.0).sum(dim=1) / (~mask).sum(dim=1, keepdim=True)
        return self.fc(self.norm(x))


def warmup_cosine(optimizer, warmup, total):
    def lr_lambda(step):
        if step < warmup:
            return (step + 1) / warmup
        progress = (step - warmup) / max(1, total - warmup)
        return 0.5 * (1.0 + math.cos(math.pi * progress))

    return LambdaLR(optimizer, lr_lambda)


# diptych: argv=[]
def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--warmup", type=int, default=2)
    args = parser.parse_args(argv)

    device = "cuda" if torch.cuda.is_available() else "cpu"
    loader = DataLoader(Sentences(20, 20), batch_size=args.batch_size, shuffle=True, collate_fn=collate)
    model = Classifier(20).to(device)
    loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.01)
    steps = args.epochs * len(loader)
    scheduler = warmup_cosine(optimizer, args.warmup, steps)

    history = []
    for _ in range(args.epochs):
        model.train()
        for i, (tokens, labels) in enumerate(loader):
            tokens, labels = tokens.to(device), labels.to(device)
            logits = model(tokens)
            loss = loss_fn(logits, labels)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            history.append(loss.item())
            acc = (logits.argmax(dim=-1) == labels).float().mean()
            print(f"step {i} loss {history[-1]:.4f} acc {acc.item():.2f} lr {scheduler.get_last_lr()[0]:.2e}")
    return history


if __name__ == "__main__":
    main()
