"""For test suites that keep a PyTorch and a TensorFlow version of the same code in step.

``assert_equivalent("net_torch.py::Net", "net_tf.py::Net", "x=float32[2,3,32,32]")`` runs both and fails where they
differ. With pytest, the fixture of the same name (``diptych.testing.plugin``) takes its interpreters from the settings.
"""

from diptych.testing.equivalence import assert_equivalent

__all__ = ["assert_equivalent"]
