"""Generating the code of a tree, and noting where its nodes stand, faster than libcst does either.

libcst's nodes write themselves into a state that is handed to them. Ours is a ``Recorder``; the kinds of nodes that
make up nine tenths of a tree have a shorter way of writing into it, and write into any other state as they always did.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import libcst as cst
from libcst._nodes.expression import _BaseParenthesizedNode

_NOWHERE = nullcontext()
_DEFAULT = cst.MaybeSentinel.DEFAULT
_libcst_codegen = cst.CSTNode._codegen
_libcst_parenthesize = _BaseParenthesizedNode._parenthesize


class _Place:
    """Notes where the code of one node begins and ends, by numbers of tokens."""

    __slots__ = ("end_node", "node", "recorder", "start", "start_node")

    def __init__(self, recorder: Recorder, node: cst.CSTNode, start_node: Any, end_node: Any) -> None:
        self.recorder = recorder
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = len(self.recorder.tokens)

    def __exit__(self, *error: object) -> None:
        spans = self.recorder.spans
        start, end = self.start, len(self.recorder.tokens)
        if self.start_node is not None and id(self.start_node) in spans:
            start = spans[id(self.start_node)][0]
        if self.end_node is not None and id(self.end_node) in spans:
            end = spans[id(self.end_node)][1]
        spans[id(self.node)] = (start, end)


class Recorder:
    """Stands in for libcst's state of generating code, and notes the places of nodes, which is much cheaper than
    libcst's own positions: ``spans`` are numbers of ``tokens``, those of expressions only where ``expressions`` is set.
    What is called for every node is a built-in function.
    """

    def __init__(self, module: cst.Module, *, expressions: bool) -> None:
        self.default_indent = module.default_indent
        self.default_newline = module.default_newline
        self.expressions = expressions
        self.tokens: list[str] = []
        self.indent_tokens: list[str] = []
        self.spans: dict[int, tuple[int, int]] = {}
        self.add_token = self.tokens.append
        self.increase_indent = self.indent_tokens.append
        self.decrease_indent = self.indent_tokens.pop
        self.before_codegen = self.after_codegen = id  # there is nothing to do

    def add_indent_tokens(self) -> None:
        self.tokens += self.indent_tokens

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.tokens[-1] = ""  # places are counted in tokens

    def record_syntactic_position(self, node: cst.CSTNode, *, start_node: Any = None, end_node: Any = None) -> Any:
        if self.expressions or not is_expression(type(node)):
            return _Place(self, node, start_node, end_node)
        return _NOWHERE


@cache
def is_expression(kind: type) -> bool:
    """Whether a type of nodes is one of expressions."""
    return issubclass(kind, cst.BaseExpression)


# --- What writes itself the short way -----------------------------------------------------------------------------

_OURS: Any = Recorder


def _whitespace(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    if node.value:
        state.tokens.append(node.value)
    return None


def _name(node: Any, state: Any) -> None:
    if type(state) is not _OURS or node.lpar:
        return _libcst_codegen(node, state)
    tokens = state.tokens
    if state.expressions:
        state.spans[id(node)] = (len(tokens), len(tokens) + 1)
    tokens.append(node.value)
    return None


def _attribute(node: Any, state: Any) -> None:
    if type(state) is not _OURS or node.lpar:
        return _libcst_codegen(node, state)
    start = len(state.tokens)
    node.value._codegen(state)
    node.dot._codegen(state)
    node.attr._codegen(state)
    if state.expressions:
        state.spans[id(node)] = (start, len(state.tokens))
    return None


def _call(node: Any, state: Any) -> None:
    if type(state) is not _OURS or node.lpar:
        return _libcst_codegen(node, state)
    tokens = state.tokens
    start = len(tokens)
    node.func._codegen(state)
    node.whitespace_after_func._codegen(state)
    tokens.append("(")
    node.whitespace_before_args._codegen(state)
    left = len(node.args)
    for argument in node.args:
        left -= 1
        argument._codegen(state, default_comma=left > 0)
    tokens.append(")")
    if state.expressions:
        state.spans[id(node)] = (start, len(tokens))
    return None


def _argument(node: Any, state: Any, default_comma: bool = False) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state, default_comma=default_comma)
    tokens = state.tokens
    start = len(tokens)
    if node.star:
        tokens.append(node.star)
    node.whitespace_after_star._codegen(state)
    if node.keyword is not None:
        node.keyword._codegen(state)
    if node.equal is not _DEFAULT:
        node.equal._codegen(state)
    elif node.keyword is not None:
        tokens.append(" = ")
    node.value._codegen(state)
    state.spans[id(node)] = (start, len(tokens))
    if node.comma is not _DEFAULT:
        node.comma._codegen(state)
    elif default_comma:
        tokens.append(", ")
    node.whitespace_after_arg._codegen(state)
    return None


def _dot(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    node.whitespace_before._codegen(state)
    state.tokens.append(".")
    node.whitespace_after._codegen(state)
    return None


def _comma(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    node.whitespace_before._codegen(state)
    state.tokens.append(",")
    node.whitespace_after._codegen(state)
    return None


def _newline(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    state.tokens.append(state.default_newline if node.value is None else node.value)
    return None


def _trailing(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    node.whitespace._codegen(state)
    if node.comment is not None:
        node.comment._codegen(state)
    node.newline._codegen(state)
    return None


def _empty_line(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    if node.indent:
        state.tokens += state.indent_tokens
    return _trailing(node, state)


def _line(node: Any, state: Any) -> None:
    if type(state) is not _OURS or not node.body:
        return _libcst_codegen(node, state)
    tokens = state.tokens
    for each in node.leading_lines:
        each._codegen(state)
    tokens += state.indent_tokens
    start = len(tokens)
    left = len(node.body)
    for statement in node.body:
        left -= 1
        statement._codegen(state, default_semicolon=left > 0)
    last = state.spans.get(id(node.body[-1]))
    state.spans[id(node)] = (start, len(tokens) if last is None else last[1])
    node.trailing_whitespace._codegen(state)
    return None


def _assign(node: Any, state: Any, default_semicolon: bool = False) -> None:
    if type(state) is not _OURS or node.semicolon is not _DEFAULT or default_semicolon:
        return _libcst_codegen(node, state, default_semicolon=default_semicolon)
    start = len(state.tokens)
    for target in node.targets:
        target._codegen(state)
    node.value._codegen(state)
    state.spans[id(node)] = (start, len(state.tokens))
    return None


def _target(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    start = len(state.tokens)
    node.target._codegen(state)
    state.spans[id(node)] = (start, len(state.tokens))
    node.whitespace_before_equal._codegen(state)
    state.tokens.append("=")
    node.whitespace_after_equal._codegen(state)
    return None


def _parameter(node: Any, state: Any, default_star: str | None = None, default_comma: bool = False) -> None:
    star = default_star if node.star is _DEFAULT else node.star
    if type(state) is not _OURS or star is None:
        return _libcst_codegen(node, state, default_star=default_star, default_comma=default_comma)
    tokens = state.tokens
    start = len(tokens)
    if star:
        tokens.append(star)
    node.whitespace_after_star._codegen(state)
    node.name._codegen(state)
    state.spans[id(node)] = (start, len(tokens))
    if node.annotation is not None:
        node.annotation._codegen(state, default_indicator=":")
    if node.equal is not _DEFAULT:
        node.equal._codegen(state)
    elif node.default is not None:
        tokens.append(" = ")
    if node.default is not None:
        node.default._codegen(state)
    if node.comma is not _DEFAULT:
        node.comma._codegen(state)
    elif default_comma:
        tokens.append(", ")
    node.whitespace_after_param._codegen(state)
    return None


def _operator(node: Any, state: Any) -> None:
    if type(state) is not _OURS:
        return _libcst_codegen(node, state)
    node.whitespace_before._codegen(state)
    start = len(state.tokens)
    state.tokens.append(node._get_token())
    state.spans[id(node)] = (start, start + 1)
    node.whitespace_after._codegen(state)
    return None


def _parenthesize(node: Any, state: Any) -> AbstractContextManager[None]:
    """Nothing but the place is noted around what has no parentheses of its own."""
    return _libcst_parenthesize(node, state) if node.lpar else state.record_syntactic_position(node)


_SHORT = {
    cst.SimpleWhitespace: _whitespace, cst.Name: _name, cst.Integer: _name, cst.Float: _name, cst.SimpleString: _name,
    cst.Attribute: _attribute, cst.Call: _call, cst.Arg: _argument, cst.Dot: _dot, cst.Comma: _comma,
    cst.Newline: _newline, cst.TrailingWhitespace: _trailing, cst.EmptyLine: _empty_line,
    cst.SimpleStatementLine: _line, cst.Assign: _assign, cst.AssignTarget: _target, cst.Param: _parameter,
    cst.Add: _operator, cst.Subtract: _operator, cst.Multiply: _operator, cst.Divide: _operator,
    cst.AssignEqual: _operator, cst.Equal: _operator, cst.And: _operator, cst.Or: _operator,
}  # fmt: skip


def make_quick() -> None:
    """Let nodes write themselves into a ``Recorder`` the short way."""
    _BaseParenthesizedNode._parenthesize = _parenthesize  # pyright: ignore[reportAttributeAccessIssue]
    for kind, short in _SHORT.items():
        kind._codegen = short
