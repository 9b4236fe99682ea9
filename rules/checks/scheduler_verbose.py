"""DPT132."""

from diptych.checks.keywords import Keywords

_NAMES = (
    "ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CyclicLR ExponentialLR LambdaLR LinearLR MultiStepLR "
    "MultiplicativeLR OneCycleLR PolynomialLR ReduceLROnPlateau StepLR"
)


class SchedulerVerbose(Keywords):
    """``verbose=`` of learning rate schedulers was removed; it raises ``TypeError``. Print ``scheduler.get_last_lr()`` yourself."""

    code = "DPT132"
    name = "scheduler-verbose"
    severity = "error"
    message = "verbose= was removed from learning rate schedulers"
    because = "has no such argument any more"
    url = "https://docs.pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
    tags = ("deprecated",)
    fix = "unsafe"
    keywords = {f"torch.optim.lr_scheduler.{name}": {"verbose": None} for name in _NAMES.split()}
    ignored = frozenset({"verbose"})
    advice = {"verbose": "print scheduler.get_last_lr() yourself"}
    setup = "import torch\n"
    bad = ("s = torch.optim.lr_scheduler.StepLR(optimizer, 1, verbose=True)",)
    fixed = ("s = torch.optim.lr_scheduler.StepLR(optimizer, 1)",)
    good = ("s = torch.optim.lr_scheduler.StepLR(optimizer, 1)",)
