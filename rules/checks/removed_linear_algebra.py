"""DPT122."""

from diptych.checks.renamed import Renamed


class RemovedLinearAlgebra(Renamed):
    """LAPACK's names, such as ``torch.gels`` and ``torch.potrf``, were removed from PyTorch.

    Mind the defaults where you replace them: ``torch.potrf`` gave the upper triangle, and ``torch.gels(B, A)`` took its
    arguments the other way round.
    """

    code = "DPT122"
    name = "removed-linear-algebra"
    severity = "error"
    message = "removed from PyTorch"
    because = "was removed"
    url = "https://docs.pytorch.org/docs/stable/linalg.html"
    tags = ("deprecated",)
    fix = "unsafe"
    gone = True
    renames = {
        "torch.gels": None,
        "torch.potrf": None,
        "torch.potri": "torch.cholesky_inverse",
        "torch.potrs": "torch.cholesky_solve",
        "torch.pstrf": None,
        "torch.trtrs": None,
        "torch.btrifact": None,
        "torch.btrifact_with_info": None,
        "torch.btriunpack": "torch.lu_unpack",
        "torch.btrisolve": None,
    }
    advice = {
        "torch.gels": "use torch.linalg.lstsq(A, B), which takes A first",
        "torch.potrf": "use torch.linalg.cholesky(A, upper=True); the upper triangle was its default",
        "torch.potri": "use torch.cholesky_inverse, whose default is the lower triangle",
        "torch.potrs": "use torch.cholesky_solve, whose default is the lower triangle",
        "torch.pstrf": "there is no pivoted Cholesky factorization; torch.linalg.cholesky has no pivots",
        "torch.trtrs": "use torch.linalg.solve_triangular(A, B, upper=True), which takes A first",
        "torch.btrifact": "use torch.linalg.lu_factor",
        "torch.btrifact_with_info": "use torch.linalg.lu_factor_ex",
        "torch.btrisolve": "use torch.linalg.lu_solve(LU, pivots, B), which takes B last",
    }
    bad = ("X, _ = torch.gels(B, A)", "P, L, U = torch.btriunpack(LU, pivots)", "U = torch.potrf(A)")
    fixed = (None, "P, L, U = torch.lu_unpack(LU, pivots)", None)
    good = ("X = torch.linalg.lstsq(A, B).solution",)

    def mends(self, use, old):
        return old == "torch.btriunpack"
