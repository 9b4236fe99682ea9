"""Groups of parameters with settings of their own, which PyTorch's optimizers hold and Keras' do not."""

from diptych.catalog.language import *


@helper
class OptimizerGroups:
    """Optimizers as one: each is made with the settings of a group of variables, as PyTorch's groups of parameters.

    ``params`` of a group are variables, or a function that gives them once Keras has made them.
    """

    __slots__ = ("accumulated", "first_rate", "make", "members", "optimizers")

    def __init__(self, groups, make):
        self.make, self.optimizers, self.members = make, [], []
        groups = list(groups)
        for group in groups if groups and isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def add_param_group(self, group):
        settings = dict(group)
        params = settings.pop("params")
        params = params if callable(params) else [params] if hasattr(params, "shape") else list(params)
        if params == []:
            raise ValueError("a group has no variables: Keras makes a layer's at its first call")
        self.members.append(params)
        self.optimizers.append(self.make(**settings))

    @property
    def learning_rate(self):
        rates = {float(optimizer.learning_rate) for optimizer in self.optimizers}
        if len(rates) > 1:
            raise ValueError("each group has a learning rate of its own")
        return rates.pop()

    @learning_rate.setter
    def learning_rate(self, rate):
        for optimizer in self.optimizers:
            optimizer.learning_rate = rate

    def apply_gradients(self, pairs):
        given = {id(variable): gradient for gradient, variable in pairs}
        for place, optimizer in enumerate(self.optimizers):
            if callable(self.members[place]):
                self.members[place] = self.members[place]()
            variables = self.members[place]
            if any(variable.trainable and id(variable) not in given for variable in variables):
                raise ValueError("no gradients were taken for some variables of a group")
            if not optimizer.built:
                optimizer.build(variables)
            updated = [(given[id(each)], each) for each in variables if given.get(id(each)) is not None]
            if updated:
                optimizer.apply_gradients(updated)


@helper
def load_groups(optimizer, states):
    """Give the optimizer of each group its state."""
    for each, state in zip(optimizer.optimizers, states, strict=True):
        load_state_dict(each, state)


@helper
class EveryGroup:
    """A scheduler of its own for each group of an optimizer's variables."""

    def __init__(self, optimizer, make):
        self.schedulers = [make(each) for each in optimizer.optimizers]

    def step(self, *args):
        for scheduler in self.schedulers:
            scheduler.step(*args)

    def get_last_lr(self):
        return [rate for scheduler in self.schedulers for rate in scheduler.get_last_lr()]

    def state_dict(self):
        return [scheduler.state_dict() for scheduler in self.schedulers]

    def load_state_dict(self, states):
        for scheduler, state in zip(self.schedulers, states, strict=True):
            scheduler.load_state_dict(state)
