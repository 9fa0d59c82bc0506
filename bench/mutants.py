"""Every place of a module that can be changed, and its changes, one at a time: for ``mutation.py``.

Comparisons flipped and shifted, conditions dropped and negated, numbers by one, text, swapped SQL words, statements
removed (calls, raises, assignments to attributes), answers that become None, handlers that let the fault pass.
Changes stay inside one expression or statement, so that the difference can be read. Left alone: annotations,
docstrings, decorators, assertions, the wording of sentences.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">="),
    ast.LtE: ("<", ">"),
    ast.Gt: (">=", "<="),
    ast.GtE: (">", "<"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Div: "*",
    ast.Mod: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.Pow: "*",
}
NAMES = {"any": "all", "all": "any", "min": "max", "max": "min"}
# Cleaners of text and orders: what happens without them?
CLEANERS = {"strip", "lstrip", "rstrip", "lower", "removeprefix", "removesuffix", "casefold"}
IS_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE FROM|PRAGMA|BEGIN|WHERE|ORDER BY|UNION|ON CONFLICT)\b")
SQL = (
    (r" AND ", " OR "),
    (r" OR (?!IGNORE|REPLACE|ROLLBACK)", " AND "),
    (r" OR IGNORE\b", " OR REPLACE"),
    (r" OR REPLACE\b", " OR IGNORE"),
    (r" IMMEDIATE\b", " DEFERRED"),
    (r" UNION ALL ", " UNION "),
    (r" DESC\b", ""),
    (r" ORDER BY [\w.]+(?: DESC)?(?:, [\w.]+(?: DESC)?)*", ""),
    (r" LIMIT 1\b", ""),
    (r" <= ", " < "),
    (r" >= ", " > "),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r" != ", " = "),
    (r"(?<=\w) = (?=['0-9?a-z])", " != "),
    (r" IS NULL\b", " IS NOT NULL"),
    (r" IS NOT NULL\b", " IS NULL"),
    (r" NOT IN\b", " IN"),
    (r"(?<!NOT) IN \(", " NOT IN ("),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"\bmax\(", "min("),
    (r"\bmin\(", "max("),
    (r" \+ 1\b", " + 2"),
    (r"= FULL\b", "= OFF"),
    (r"= ON\b", "= OFF"),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    module: str  # below crawler/
    line: int
    kind: str
    start: int  # bytes of the module's source
    end: int
    replacement: str
    statement: range  # its lines; empty at the level of the module, where imports run it

    def source(self, original: bytes) -> bytes:
        return original[: self.start] + self.replacement.encode() + original[self.end :]


class Sites(ast.NodeVisitor):
    """Every place of a module that can be changed, with its changes."""

    def __init__(self, module: str, source: bytes):
        self.module, self.source = module, source
        self.found: list[Mutant] = []
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._statement = range(0)
        self._depth = 0
        tree = ast.parse(source)
        self._text: set[int] = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        self.visit(tree)

    def _span(self, node: ast.AST) -> tuple[int, int]:
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return self._lines[first - 1] + node.col_offset, self._lines[last - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def _segment(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self.source[start:end].decode()

    def _change(self, node: ast.AST, kind: str, replacement: str) -> None:
        self._cut(*self._span(node), kind, replacement)

    def _cut(self, start: int, end: int, kind: str, replacement: str) -> None:
        line = self.source.count(b"\n", 0, start) + 1
        mutant = Mutant(self.module, line, kind, start, end, replacement, self._statement)
        try:
            changed = ast.dump(ast.parse(mutant.source(self.source)))
        except (SyntaxError, ValueError):
            return
        if changed != ast.dump(ast.parse(self.source)):
            self.found.append(mutant)

    # --- statements -----------------------------------------------------------

    def visit(self, node: ast.AST) -> None:
        outer = self._statement
        if self._depth and isinstance(node, ast.stmt | ast.ExceptHandler):
            body = getattr(node, "body", None)  # of a compound one only its head counts
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            if isinstance(node, ast.ExceptHandler):
                last = node.end_lineno or last
            self._statement = range(node.lineno, last + 1)
        super().visit(node)
        self._statement = outer

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Without decorators and annotations: they change no behaviour, or all of it."""
        for default in (*node.args.defaults, *(each for each in node.args.kw_defaults if each)):
            self.visit(default)
        self._depth += 1
        for statement in node.body:
            self.visit(statement)
        self._depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            self.visit(statement)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            if isinstance(node.target, ast.Attribute):
                self._change(node.value, "None", "None")
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._segment(node.value) not in ("Literal", "dict", "list", "tuple", "Callable"):  # types
            self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if id(node.value) in self._text and isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call):
            self._change(node, "removed", "pass")
        if "logging." not in self._segment(node):
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            self._change(node, "removed", "pass")
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._change(node, "removed", "pass")
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        self._change(node, "removed", "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        self._change(node, "removed", "pass")

    def visit_Assert(self, node: ast.Assert) -> None:
        """Says what the types can not: never false."""

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self._change(node, "removed", "pass")
            return
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._change(node.value, "None", "None")
        self.visit(node.value)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._change(node, "removed", "pass")
        self._change(node, "continue", "break")

    def visit_Break(self, node: ast.Break) -> None:
        self._change(node, "break", "continue")

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        start, end = self._span(node.body[0])[0], self._span(node.body[-1])[1]
        if not isinstance(node.body[-1], ast.Raise):
            self._cut(start, end, "not handled", "raise")
        for statement in node.body:
            self.visit(statement)

    # --- conditions -----------------------------------------------------------

    def _negate(self, test: ast.expr) -> None:
        if not isinstance(test, ast.Compare | ast.BoolOp) and not self._is_not(test):
            self._change(test, "negated", f"(not ({self._segment(test)}))")

    @staticmethod
    def _is_not(node: ast.AST) -> bool:
        return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)

    def visit_If(self, node: ast.If) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._negate(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self._change(test, "dropped", "True")
            self._negate(test)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if self._is_not(node):
            self._change(node, "negated", f"({self._segment(node.operand)})")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        word = "and" if isinstance(node.op, ast.And) else "or"
        other = "or" if word == "and" else "and"
        values = [self._segment(value) for value in node.values]
        self._change(node, word, "(" + f" {other} ".join(f"({value})" for value in values) + ")")
        for number in range(len(values)):
            rest = [f"({value})" for place, value in enumerate(values) if place != number]
            self._change(node, "dropped", "(" + f" {word} ".join(rest) + ")")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            start, end = self._span(left)[1], self._span(right)[0]
            between = self.source[start:end].decode()
            bare = between.strip(" ()\n")
            for other in COMPARISONS[type(operator)]:
                self._cut(start, end, "comparison", between.replace(bare, other))
            left = right
        self.generic_visit(node)

    # --- values ---------------------------------------------------------------

    def visit_BinOp(self, node: ast.BinOp) -> None:
        start, end = self._span(node.left)[1], self._span(node.right)[0]
        between = self.source[start:end].decode()
        other = OPERATORS.get(type(node.op))
        if other and not (isinstance(node.op, ast.BitOr) and " | None" in self._segment(node)):
            self._cut(start, end, "operator", re.sub(r"[-+*/%<>&|]+", lambda _: other, between, count=1))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        if isinstance(called, ast.Name) and called.id in NAMES:
            self._change(called, "name", NAMES[called.id])
        if isinstance(called, ast.Name) and called.id == "sorted":
            self._change(called, "order", "list")
            if node.keywords:
                self._change(node, "order", f"list({self._segment(node.args[0])})")
        if isinstance(called, ast.Attribute) and called.attr in CLEANERS:
            self._change(node, "not cleaned", self._segment(called.value))
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._sql(node)

    def _sql(self, node: ast.AST) -> None:
        text = self._segment(node)
        if not IS_SQL.search(text):
            return
        start = self._span(node)[0]
        for pattern, other in SQL:
            for match in re.finditer(pattern, text):
                before = start + len(text[: match.start()].encode())
                self._cut(before, before + len(match[0].encode()), "SQL", other)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._change(node, "constant", str(not value))
        elif isinstance(value, int | float):
            self._change(node, "constant", f"({value!r} + 1)")
            self._change(node, "constant", f"({value!r} - 1)")
        elif isinstance(value, str) and IS_SQL.search(value):
            self._sql(node)
        elif isinstance(value, str) and " " not in value:
            # Sentences are for people: their wording is not pinned.
            self._change(node, "text", repr("xx"))


def difference(mutant: Mutant, original: bytes) -> Iterator[str]:
    old, new = (source.decode().splitlines() for source in (original, mutant.source(original)))
    for line in difflib.unified_diff(old, new, lineterm="", n=0):
        if line[:1] in "+-" and line[:3] not in ("+++", "---"):
            yield f"    {line[0]} {line[1:].strip()}"
