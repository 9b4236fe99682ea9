"""DPT124."""

from diptych.checks.check import Check
from diptych.checks.use import Problem, Use
from diptych.syntax.literals import value_of


class StftReturnComplex(Check):
    """``torch.stft`` of a real signal raises ``RuntimeError`` without ``return_complex``; ``False`` is deprecated.

    Before it was asked for, the result had real and imaginary parts in a last axis of two. The fix keeps that:
    ``torch.view_as_real(torch.stft(..., return_complex=True))``. Where the rest of the code is yours, use the complex result.
    """

    code = "DPT124"
    name = "stft-return-complex"
    severity = "warning"
    message = "torch.stft needs return_complex=True; torch.view_as_real gives the two columns of old"
    url = "https://docs.pytorch.org/docs/stable/generated/torch.stft.html"
    tags = ("deprecated",)
    fix = "safe"
    names = ("torch.stft",)
    bad = (
        "y = torch.stft(signal, 16, return_complex=False)",
        "y = torch.stft(signal, 16, window=window)",
    )
    fixed = (
        "y = torch.view_as_real(torch.stft(signal, 16, return_complex=True))",
        "y = torch.view_as_real(torch.stft(signal, 16, window=window, return_complex=True))",
    )
    good = (
        "y = torch.stft(signal, 16, return_complex=True)",
        "y = torch.stft(signal, 16, return_complex=flag)",
        "y = torch.stft(signal, **options)",
    )

    def visit(self, use: Use) -> Problem | None:
        call = use.call
        if call is None or any(argument.star for argument in call.args) or len(call.args) > 9:
            return None
        given = next((one for one in call.args if one.keyword and one.keyword.value == "return_complex"), None)
        if given is not None and value_of(given.value) is not False:
            return None
        rewrite = use.rewrite()
        rewrite.rename("torch.stft", before=rewrite.spell("torch.view_as_real") + "(")
        if given is not None:
            rewrite.replace_value(given, "True")
        else:
            rewrite.append("return_complex=True")
        rewrite.then(")")
        return use.problem(rewrite.done("Ask for complex numbers", "safe" if given is not None else "unsafe"))
