"""A safe fix keeps what the code computes: both are run with torch; values, dtypes, strides and gradients compared."""

import itertools
import warnings

import pytest
import torch

from diptych import checks
from diptych.checks.registry import all_checks

generator = torch.Generator().manual_seed(5)


def draw(*shape, dtype=torch.float32):
    return torch.randn(*shape, dtype=dtype, generator=generator)


def positive_definite(*shape, dtype=torch.float32):
    x = draw(*shape, shape[-1], dtype=dtype)
    return x @ x.mH + shape[-1] * torch.eye(shape[-1], dtype=dtype)


FLOATS = (torch.float32, torch.float64)
PAIRS = [{"a": draw(3, 4, dtype=dtype), "b": draw(3, 4, dtype=dtype)} for dtype in FLOATS]
IMAGES = [{"images": draw(2, 3, 4, 5, dtype=dtype)} for dtype in FLOATS]
TRIANGLES = [
    {"A": draw(*shape, dtype=dtype), "S": draw(*shape[:-1], 2, dtype=dtype), "flag": flag}
    for shape, dtype in [((3, 3), torch.float32), ((2, 4, 4), torch.float64), ((3, 3), torch.complex128)]
    for flag in (True, False)
]
LOPSIDED = positive_definite(3) + draw(3, 3).triu(1) / 10
CASES = {
    "DPT104": [
        {"A": A, "flag": flag}
        for A in (
            positive_definite(3),
            positive_definite(2, 4, dtype=torch.float64),
            positive_definite(3, dtype=torch.complex64),
            LOPSIDED,
        )
        for flag in (True, False)
    ],
    "DPT105": [
        {"A": draw(*shape, dtype=dtype), "flag": flag}
        for shape, dtype in [
            ((3, 3), torch.float32),
            ((5, 2), torch.float64),
            ((2, 5), torch.float32),
            ((2, 3, 2), torch.complex128),
        ]
        for flag in (True, False)
    ],
    "DPT106": [
        {
            "a": draw(3, 4, dtype=dtype),
            "b": draw(4, 2, dtype=dtype),
            "c": draw(2, 5, dtype=dtype),
            "y": torch.empty(0, dtype=dtype),
        }
        for dtype in (torch.float32, torch.float64)
    ],
    "DPT107": [{}],
    "DPT250": [{}],
    "DPT108": [
        {"a": draw(3), "b": draw(4)},
        {"a": torch.arange(3), "b": draw(2, dtype=torch.float64)},
        {"a": draw(0), "b": draw(2)},
    ],
    "DPT111": [{"w": draw(3, 4)}, {"w": draw(4, 4, dtype=torch.float64)}],
    "DPT112": [{"w": draw(3)}],
    "DPT113": [{"use_amp": False}],
    "DPT114": IMAGES,
    "DPT115": IMAGES,
    "DPT116": PAIRS,
    "DPT118": TRIANGLES,
    "DPT119": TRIANGLES,
    "DPT121": [
        {"A": A}
        for A in (draw(3, 4), draw(3, 4, dtype=torch.float64), torch.zeros(2, 2), draw(2, 2, dtype=torch.complex64))
    ],
    "DPT129": [{"a": draw(3, 4)}],
    "DPT133": [{"a": draw(3)}],
    "DPT134": [{}],
    "DPT135": [{"a": draw(2), "b": draw(3)}],
    "DPT137": [{"a": draw(3, 4), "b": draw(3, 4)}],
    "DPT139": [{}],
    "DPT124": [{"signal": draw(64), "window": torch.hann_window(16)}, {"signal": draw(2, 80), "window": None}],
}

RANGES = [
    f"x = torch.range({start}, {end}, {step}, dtype=torch.{dtype})\n"
    if dtype
    else f"x = torch.range({start}, {end}, {step})\n"
    for (start, end), step in [
        ((0, 10), 1),
        ((0, 10), 3),
        ((-3, 7), 2),
        ((10, 0), -1),
        ((10, -5), -4),
        ((5, 5), 1),
        ((0, 4000), 1),
        ((2**24 - 9, 2**24), 1),
    ]
    for dtype in ("", "float16", "bfloat16", "float64", "int32", "int64")
] + ["x = torch.range(0, 127, dtype=torch.int8)\n", "x = torch.range(0, 255, dtype=torch.uint8)\n"]

SNIPPETS = [
    pytest.param(check.code, check.setup + bad + "\n", id=f"{check.code}-{number}")
    for check in all_checks()
    for number, bad in enumerate(check.bad)
    if check.setup.startswith("import torch")
    and any(one.fix and one.fix.safety == "safe" for one in checks.run(check.setup + bad))
] + [pytest.param("DPT107", f"import torch\n{line}", id=line.strip()) for line in RANGES]


def run(code, inputs):
    """What the code assigns and the gradients of its inputs, or the kind of error that it raises."""
    names = {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in inputs.items()}
    leaves = {}
    if "out=" not in code:
        leaves = {
            name: value.requires_grad_()
            for name, value in names.items()
            if isinstance(value, torch.Tensor) and value.dtype.is_floating_point
        }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.manual_seed(0)
            exec(code, names)
    except RuntimeError as error:
        return type(error), str(error).rpartition(":")[2]
    results = {name: value for name, value in names.items() if name not in inputs and name not in ("_", "__builtins__")}
    values = [one for value in results.values() for one in (value if isinstance(value, tuple) else [value])]
    tensors = [one for one in values if isinstance(one, torch.Tensor)]
    plain = [one for one in values if isinstance(one, (bool, str, torch.dtype))]
    plain += [sorted(vars(one).items(), key=str) for one in values if isinstance(one, torch.amp.GradScaler)]
    tensors += [value for name, value in names.items() if name in inputs and isinstance(value, torch.Tensor)]
    total = sum(t.abs().sum() for t in tensors if t.requires_grad and not t.is_leaf)
    if isinstance(total, torch.Tensor):
        try:
            total.backward()
        except RuntimeError as error:  # such as the gradient of a complete QR decomposition, which there is not
            return tensors, "derivative" in str(error), plain
    return tensors, [leaf.grad for leaf in leaves.values()], plain


def same(first, second):
    if isinstance(first, torch.Tensor):
        alike = (first.dtype, first.stride(), first.requires_grad) == (
            second.dtype,
            second.stride(),
            second.requires_grad,
        )
        return alike and torch.equal(first, second)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(itertools.starmap(same, zip(first, second, strict=True)))
    return first == second


@pytest.mark.parametrize(("code", "before"), SNIPPETS)
def test_safe_fix_keeps_results(code, before):
    after = checks.fix(before)
    assert after.applied == 1
    for inputs in CASES[code]:
        assert same(run(before, inputs), run(after.text, inputs)), f"{before}{after.text}{inputs}"


def test_range_follows_the_default_dtype():
    before = "import torch\nx = torch.range(0, 10)\n"
    after = checks.fix(before).text
    for dtype in (torch.float64, torch.float32):
        torch.set_default_dtype(dtype)
        try:
            (first,), *_ = run(before, {})
            (second,), *_ = run(after, {})
        finally:
            torch.set_default_dtype(torch.float32)
        assert first.dtype is dtype
        assert same(first, second)


def test_the_comparison_sees_a_wrong_fix():
    """TorchFix's fix of the same line turns float32 into int64."""
    assert not same(
        run("import torch\nx = torch.range(0, 10)\n", {}), run("import torch\nx = torch.arange(0, 11)\n", {})
    )


A = positive_definite(3, dtype=torch.float64)
B = draw(3, 2, dtype=torch.float64)
TALL = draw(5, 3, dtype=torch.float64)


def removed(line):
    """Run the fix of a removed function; what it assigns."""
    names = {"A": A, "B": B, "T": TALL, "C": draw(5, 2, dtype=torch.float64)}
    exec(checks.fix(f"import torch\n{line}\n", unsafe=True).text, names)
    return names


@pytest.mark.parametrize(
    "line", ["X = torch.solve(B, A).solution", "X, _ = torch.solve(B, A)", "X = torch.solve(B, A)[0]"]
)
def test_fix_of_solve_solves(line):
    torch.testing.assert_close(A @ removed(line)["X"], B)


def test_fix_of_symeig_keeps_the_triangle():
    upper = A + draw(3, 3, dtype=torch.float64).tril(-1)
    for line, matrix in [
        ("L, V = torch.symeig(A, eigenvectors=True)", upper),
        ("L, V = torch.symeig(A, True, False)", upper.mT),
    ]:
        names = {"A": matrix}
        exec(checks.fix(f"import torch\n{line}\n", unsafe=True).text, names)
        torch.testing.assert_close(names["V"] @ torch.diag(names["L"]) @ names["V"].mT, A)
    torch.testing.assert_close(removed("L, _ = torch.symeig(A)")["L"], torch.linalg.eigvalsh(A))


def test_fix_of_eig_gives_two_columns():
    values = removed("L, _ = torch.eig(A)")["L"]
    assert values.shape == (3, 2)
    torch.testing.assert_close(values[:, 0].sort().values, torch.linalg.eigvalsh(A))
    torch.testing.assert_close(values[:, 1], torch.zeros(3, dtype=torch.float64))


def test_fix_of_lstsq_and_matrix_rank():
    names = removed("X = torch.lstsq(C, T).solution[:T.size(1)]")
    torch.testing.assert_close(names["X"], torch.linalg.pinv(TALL) @ names["C"])
    assert removed("r = torch.matrix_rank(A, 1e-6, symmetric=True)")["r"] == 3
    assert removed("r = torch.matrix_rank(input=A)")["r"] == 3


def test_fix_of_weight_norm_computes_the_same():
    torch.manual_seed(0)
    before = "import torch\nlayer = torch.nn.utils.weight_norm(torch.nn.Linear(3, 4), dim=DIM)\n"
    after = checks.fix(before, unsafe=True).text
    x = draw(2, 3)
    for dim in (0, 1, None):
        results = []
        for code in (before, after):
            torch.manual_seed(1)
            names = {"DIM": dim}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exec(code, names)
            results.append(names["layer"](x))
        torch.testing.assert_close(*results)


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "enable_flash=False",
        "False, True, False",
        "enable_math=True, enable_cudnn=False, enable_mem_efficient=False",
    ],
)
def test_fix_of_sdp_kernel_switches_the_same_backends(flags):
    cuda = torch.backends.cuda
    names = {}
    state = "(c.flash_sdp_enabled(), c.mem_efficient_sdp_enabled(), c.math_sdp_enabled(), c.cudnn_sdp_enabled())"
    before = f"import torch\nwith torch.backends.cuda.sdp_kernel({flags}):\n    state = {state}\n"
    after = checks.fix(before, unsafe=True)
    assert after.applied == 1
    states = []
    for code in (before, after.text):
        names = {"c": cuda}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, names)
        states.append(names["state"])
    assert states[0] == states[1]
