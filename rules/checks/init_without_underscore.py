"""DPT111."""

from diptych.checks.renamed import Renamed

_NAMES = (
    "constant dirac eye kaiming_normal kaiming_uniform normal orthogonal sparse uniform xavier_normal xavier_uniform"
)


class InitWithoutUnderscore(Renamed):
    """Initializers without an underscore at the end, such as ``init.xavier_uniform``, are deprecated.

    Those with one write into their argument, which these do too: they call them.
    """

    code = "DPT111"
    name = "init-without-underscore"
    severity = "warning"
    message = "initializers without an underscore at the end are deprecated"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/nn.init.html"
    tags = ("deprecated",)
    fix = "safe"
    safety = "safe"
    renames = {f"torch.nn.init.{name}": f"torch.nn.init.{name}_" for name in _NAMES.split()}
    bad = (
        "torch.nn.init.xavier_uniform(w, gain=0.5)",
        "torch.nn.init.constant(w, 0.5)",
        "from torch.nn import init\ninit.orthogonal(w)",
    )
    fixed = (
        "torch.nn.init.xavier_uniform_(w, gain=0.5)",
        "torch.nn.init.constant_(w, 0.5)",
        "from torch.nn import init\ninit.orthogonal_(w)",
    )
    good = ("torch.nn.init.xavier_uniform_(w)", "gain = torch.nn.init.calculate_gain('relu')")
