"""DPT116."""

import libcst as cst

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of

_CLASSES = (
    "BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss HingeEmbeddingLoss KLDivLoss L1Loss MSELoss "
    "MarginRankingLoss MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss PoissonNLLLoss SmoothL1Loss "
    "SoftMarginLoss TripletMarginLoss"
)
_FUNCTIONS = (
    "binary_cross_entropy binary_cross_entropy_with_logits cosine_embedding_loss cross_entropy hinge_embedding_loss kl_div "
    "l1_loss margin_ranking_loss mse_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss nll_loss "
    "poisson_nll_loss smooth_l1_loss soft_margin_loss triplet_margin_loss"
)


class SizeAverage(Check):
    """``size_average=`` and ``reduce=`` of losses are deprecated: use ``reduction="mean"``, ``"sum"`` or ``"none"``.

    ``reduce=False`` is ``"none"`` whatever ``size_average`` says, ``size_average=False`` alone ``"sum"``. A fix is offered
    where both are ``True``, ``False`` or ``None`` in the text.
    """

    code = "DPT116"
    name = "size-average"
    severity = "warning"
    message = "size_average= and reduce= are deprecated: use reduction="
    url = "https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html"
    tags = ("deprecated",)
    fix = "safe"
    names = tuple(f"torch.nn.{name}" for name in _CLASSES.split()) + tuple(
        f"torch.nn.functional.{name}" for name in _FUNCTIONS.split()
    )
    setup = "import torch\nimport torch.nn.functional as F\n"
    bad = (
        "y = torch.nn.MSELoss(size_average=False)(a, b)",
        "y = F.l1_loss(a, b, reduce=False)",
        "y = F.mse_loss(a, b, size_average=False, reduce=False)",
        "y = F.smooth_l1_loss(a, b, size_average=True)",
        "y = F.mse_loss(a, b, reduce=True, size_average=None)",
        "y = F.mse_loss(a, b, size_average=average)",
        'y = F.mse_loss(a, b, reduce=False, reduction="sum")',
    )
    fixed = (
        'y = torch.nn.MSELoss(reduction="sum")(a, b)',
        'y = F.l1_loss(a, b, reduction="none")',
        'y = F.mse_loss(a, b, reduction="none")',
        'y = F.smooth_l1_loss(a, b, reduction="mean")',
        'y = F.mse_loss(a, b, reduction="mean")',
        None,
        None,
    )
    good = ('y = torch.nn.MSELoss(reduction="sum")(a, b)', "y = F.l1_loss(a, b, **options)")

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        given = {one.keyword.value: one for one in call.args if one.keyword is not None} if call is not None else {}
        old = {name: given[name] for name in ("size_average", "reduce") if name in given}
        if call is None or not old:
            return None
        values = {name: value_of(argument.value) for name, argument in old.items()}
        known = all(value is None or isinstance(value, bool) for value in values.values())
        if not known or "reduction" in given or any(argument.star for argument in call.args):
            return use.problem()
        if values.get("reduce") is False:
            reduction = "none"
        else:
            reduction = "sum" if values.get("size_average") is False else "mean"
        if all(value is None for value in values.values()):
            return use.problem()
        rewrite = use.rewrite()
        kept = [use.source.code(_bare(one)) for one in call.args if one not in old.values()]
        rewrite.replace_all(", ".join([*kept, f'reduction="{reduction}"']))
        return use.problem(rewrite.done(f'Use reduction="{reduction}"', "safe"))


def _bare(argument: cst.Arg) -> cst.Arg:
    return argument.with_changes(comma=cst.MaybeSentinel.DEFAULT)
