"""Samples of optimizers and schedulers: a training step that a user could have written."""

from __future__ import annotations

from diptych.catalog.language import Case
from diptych.catalog.rule import Rule

STEPS = {
    "torch": """\
model = nn.Linear(3, 2)
optimizer = {optimizer}


# diptych: x=float32[8,3], y=float32[8,2]
def step(x, y):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss
""",
    "tensorflow": """\
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
optimizer = {optimizer}


# diptych: x=float32[8,3], y=float32[8,2]
def step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
""",
}


SCHEDULED = {
    "torch": ("torch.optim.SGD(model.parameters(), lr=0.1)", "torch.optim.lr_scheduler.StepLR(optimizer, 2)"),
    "tensorflow": ("keras.optimizers.SGD(learning_rate=0.1)", ""),
}


def text(rule: Rule, case: Case, side: str, code: str) -> str:
    """A training step with the optimizer or scheduler in ``code``, on a small linear model."""
    optimizer, scheduler = code, ""
    if rule.base == "SchedulerEquivalence":
        optimizer, scheduler = SCHEDULED[side][0], code
    elif rule.base == "RateEquivalence":
        optimizer = f"keras.optimizers.SGD(learning_rate={code})"
    elif case.values.get("cycled"):
        scheduler = "torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 8)"
    elif case.values.get("scheduled"):
        scheduler = SCHEDULED[side][1]
    step = STEPS[side].format(optimizer=optimizer)
    if scheduler:
        measured = "loss" if "Plateau" in scheduler else ""
        step = step.replace("\n\n\n#", f"\nscheduler = {scheduler}\n\n\n#")
        step = step.replace("    return", f"    scheduler.step({measured})\n    return")
    return step
