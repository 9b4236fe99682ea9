"""DPT120."""

from diptych.checks.renamed import Renamed


class TorchSvd(Renamed):
    """``torch.svd`` is deprecated, by its documentation: use ``torch.linalg.svd``.

    They do not return the same: ``torch.svd`` gives ``V``, ``torch.linalg.svd`` its conjugate transpose ``Vh``; and
    ``some=True``, the default, is ``full_matrices=False``, which is not. No fix, as the code after it has to change.
    """

    code = "DPT120"
    name = "torch-svd"
    severity = "information"
    message = "torch.svd is deprecated"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.linalg.svd.html"
    tags = ("deprecated",)
    fix = "none"
    renames = {"torch.svd": None}
    advice = {"torch.svd": "use torch.linalg.svd(A, full_matrices=False), which returns Vh = V.mH in place of V"}
    bad = ("U, S, V = torch.svd(A)", "s = torch.svd(A, compute_uv=False).S")
    fixed = (None, None)
    good = ("U, S, Vh = torch.linalg.svd(A, full_matrices=False)", "s = torch.linalg.svdvals(A)")
