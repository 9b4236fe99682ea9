"""Plain functions with loops and branches."""

import torch


def smooth(values, factor):
    last = values[0]
    out = []
    for i in range(values.shape[0]):
        last = factor * last + (1 - factor) * values[i]
        out.append(last)
    return torch.stack(out)


# diptych: x=float32[6,4], steps=3
def relax(x, steps):
    x = smooth(x, 0.8)
    total = torch.zeros(4)
    for step in range(steps):
        if step % 2 == 0:
            x = x - x.mean(dim=0)
        else:
            x = x / (1.0 + x.abs().amax(dim=0))
        total = total + x.pow(2).sum(dim=0)
    scale = 1.0 / (steps + 1)
    return total * scale
