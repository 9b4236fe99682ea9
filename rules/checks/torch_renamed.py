"""DPT130."""

from diptych.checks.renamed import Renamed


class TorchRenamed(Renamed):
    """Names that PyTorch deprecates for others of its own, such as ``nn.NLLLoss2d`` and ``torch.cuda.memory_cached``.

    The fix writes the new name. It is unsafe because some came with recent versions only.
    """

    code = "DPT130"
    name = "torch-renamed"
    severity = "warning"
    message = "deprecated for another name"
    because = "is deprecated"
    url = "https://docs.pytorch.org/docs/stable/"
    tags = ("deprecated",)
    fix = "unsafe"
    renames = {
        "torch.nn.NLLLoss2d": "torch.nn.NLLLoss",
        "torch.nn.Container": "torch.nn.Module",
        "torch.nn.utils.stateless.functional_call": "torch.func.functional_call",
        "torch.nn.parallel.DistributedDataParallelCPU": "torch.nn.parallel.DistributedDataParallel",
        "torch.library.impl_abstract": "torch.library.register_fake",
        "torch.cuda.memory_cached": "torch.cuda.memory_reserved",
        "torch.cuda.max_memory_cached": "torch.cuda.max_memory_reserved",
        "torch.cuda.reset_max_memory_allocated": "torch.cuda.reset_peak_memory_stats",
        "torch.cuda.reset_max_memory_cached": "torch.cuda.reset_peak_memory_stats",
        "torch.utils._pytree._register_pytree_node": "torch.utils._pytree.register_pytree_node",
        "torch._utils.is_compiling": "torch.compiler.is_compiling",
        "torch._vmap_internals.vmap": "torch.vmap",
    }
    setup = "import torch\n"
    bad = (
        "loss = torch.nn.NLLLoss2d()",
        "used = torch.cuda.memory_cached()",
        "@torch.library.impl_abstract('my::op')\ndef f(x):\n    return x",
    )
    fixed = (
        "loss = torch.nn.NLLLoss()",
        "used = torch.cuda.memory_reserved()",
        "@torch.library.register_fake('my::op')\ndef f(x):\n    return x",
    )
    good = ("loss = torch.nn.NLLLoss()",)
