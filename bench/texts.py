"""The files that are measured: PyTorch code of the examples, as long as wanted."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ("cnn.py", "transformer.py", "lstm_tagger.py", "residual.py", "functions.py")
NAMES = ("SmallCNN", "CausalSelfAttention", "Block", "LSTMTagger", "BasicBlock", "shifted_relu_sum", "keep_top_two")
IMPORTS = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
METHODS = '''\
    def layer{n}(self, x, mask=None):
        """A layer of many."""
        hidden = torch.relu(self.fc{n}(x))
        if mask is not None:
            hidden = hidden.masked_fill(mask == 0, 0.0)
        weights = F.softmax(hidden.mean(dim=1), dim=-1)
        return torch.cat([hidden, x], dim=-1).sum(dim=1) * weights

'''


def generated(count: int) -> str:
    """A file of so many lines made of the examples, each definition under a name of its own."""
    texts = [(ROOT / "examples" / "torch" / name).read_text(encoding="utf-8") for name in EXAMPLES]
    bodies = [
        "\n".join(line for line in t.splitlines() if not line.startswith(("import", '"""'))).strip() for t in texts
    ]
    lines = IMPORTS.splitlines()
    number = 0
    while True:
        body = bodies[number % len(bodies)]
        for name in NAMES:
            body = body.replace(f"{name}(", f"{name}{number}(")
        if len(lines) + body.count("\n") + 3 > count:
            break
        lines += [*body.splitlines(), "", ""]
        number += 1
    lines += [f"setting_{rest} = {rest}" for rest in range(count - len(lines))]
    return "\n".join(lines) + "\n"


def one_class(count: int) -> str:
    """A file of about so many lines that is one class."""
    layers = (count - IMPORTS.count("\n") - 4) // (METHODS.count("\n") + 1)
    head = f"{IMPORTS}class Large(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    made = "".join(f"        self.fc{n} = nn.Linear({n + 8}, 16)\n" for n in range(layers))
    return f"{head}{made}\n" + "".join(METHODS.format(n=n) for n in range(layers)).rstrip("\n") + "\n"
