"""The messages of the source, found by reading it: what its f-strings come to."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOLE = "\0"  # stands for a value
SAMPLES = ("7", "SIGHTLINE_X", "http://a", "admin")  # each hole gets the same one
_DEEPEST, _MOST = 6, 60

# What only the terminal prints, or a server that does not start.
_TERMINAL = re.compile(
    r"retriever/(evaluation/.*|calibration|settings)\.py"
    r"|web/(\w+_commands|cli|eval_\w+|mcp_server|terminal|show|completing|server|settings)\.py"
    r"|indexer/(watch|home|settings|store/transfer|care/(backup|export|restore|sealed|__init__))\.py"
)
# Arguments, and variables, that hold messages.
_SAID = frozenset({"cause", "remedy", "detail", "advice", "subject", "note", "warnings"})
_HELD = frozenset({"warnings", "warning", "detail", "facts", "faults"})
_HTTP = frozenset(
    """
    Forbidden Unauthorized NotFound BadRequest TooManyRequests ServiceUnavailable
    MisdirectedRequest UnsupportedMediaType
    """.split()
)

Function = ast.FunctionDef


@dataclass(frozen=True)
class Message:
    """``text`` has a HOLE for every value."""

    text: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text.replace(HOLE, '…')}"

    def samples(self) -> list[str]:
        return [" ".join(self.text.replace(HOLE, value).split()) for value in SAMPLES]


@dataclass
class _Module:
    path: str
    tree: ast.Module
    constants: dict[str, ast.expr] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    scopes: dict[ast.AST, Function | None] = field(default_factory=dict)
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)


def messages() -> list[Message]:
    """Causes, remedies, warnings, notes and findings that a page can show."""
    source = _Source([path for path in _paths() if not _TERMINAL.fullmatch(path)])
    return source.messages()


def parts() -> set[str]:
    """Every text of the packages, whatever it is for, whole and cut where messages are joined."""
    source = _Source(path for path in _paths() if not Path(path).name.startswith("texts"))
    return {
        part
        for text in source.texts()
        for piece in (text, *text.split("; "))
        for part in (piece, piece.partition(": ")[2])
    }


def _paths() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT))
        for package in ("indexer", "retriever", "web")
        for path in (ROOT / package).rglob("*.py")
    )


def _piece(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    quoted = isinstance(value, ast.FormattedValue) and value.conversion == ord("r")
    return f"'{HOLE}'" if quoted else HOLE


class _Source:
    def __init__(self, paths: Iterable[str]) -> None:
        self._modules = [_read(path) for path in paths]

    def messages(self) -> list[Message]:
        found = {}
        for module in self._modules:
            for node, scope in module.scopes.items():
                for expression in _told(module.path, node):
                    for text in _Reader(self, module, scope).texts(expression):
                        if re.search("[A-Za-z]{2}", text):
                            place = f"{module.path}:{expression.lineno}"
                            found.setdefault(text, Message(text, place))
        return list(found.values())

    def texts(self) -> set[str]:
        return {
            text
            for module in self._modules
            for node, scope in module.scopes.items()
            if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp)
            for text in _Reader(self, module, scope, _DEEPEST - 1).texts(node)
        }

    def function(self, module: _Module, name: str) -> tuple[_Module, Function] | None:
        """That of the module, or the only one of this name."""
        if name in module.functions:
            return module, module.functions[name]
        others = [(each, each.functions[name]) for each in self._modules if name in each.functions]
        return others[0] if len(others) == 1 and not name.startswith("__") else None

    def constant(self, module: _Module, name: str) -> tuple[_Module, ast.expr] | None:
        for each in (module, *self._modules):
            if name in each.constants:
                return each, each.constants[name]
        return None

    def calls(self, module: _Module, function: Function) -> Iterator[tuple[_Module, ast.Call]]:
        private = function.name.startswith("_")
        for each in [module] if private else self._modules:
            yield from ((each, call) for call in each.calls.get(function.name, []))


class _Reader:
    """What an expression of a function may come to."""

    def __init__(
        self, source: _Source, module: _Module, scope: Function | None, depth: int = 0
    ) -> None:
        self._source = source
        self._module = module
        self._scope = scope
        self._depth = depth

    def texts(self, node: ast.AST) -> set[str]:
        """Texts with holes; a lone hole for what is not known."""
        match node:
            case ast.Constant(value=value):
                return {value} if isinstance(value, str) else set()
            case ast.JoinedStr(values=values):
                return _joined([self._formatted(value) for value in values])
            case ast.IfExp(body=one, orelse=other):
                return self.texts(one) | self.texts(other)
            case ast.BoolOp(values=several):
                return set().union(*map(self.texts, several))
            case ast.BinOp(left=ast.BinOp(op=ast.Mult()) as left, op=ast.Add(), right=right):
                return self.texts(left) | self.texts(right)  # tuples, each of them or none
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self.texts(left), self.texts(right)])
            case ast.BinOp(left=left, op=ast.Mult()):
                return {"", *self.texts(left)}
            case ast.Subscript(value=left, slice=ast.Slice()):
                return self.texts(left)
            case ast.Tuple(elts=several) | ast.List(elts=several) | ast.Dict(values=several):
                return set().union(*map(self.texts, several))
            case ast.Starred(value=value) | ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
                return self.texts(value)
            case ast.Name(id=name):
                return self._named(name)
            case ast.Call():
                return self._called(node)
        return {HOLE}

    def _formatted(self, value: ast.expr) -> set[str]:
        """Of what is filled in, only words that the same module chooses belong to the message."""
        if isinstance(value, ast.FormattedValue) and value.conversion == -1:
            match value.value:
                case ast.Name(id=name) if self._scope:
                    chosen = self._assigned(name)
                    if self._scope.name.startswith("_"):
                        chosen |= self._passed(name)
                    if chosen and HOLE not in chosen:
                        return chosen
                case ast.IfExp() | ast.BoolOp() | ast.BinOp(op=ast.Mult()):
                    return self.texts(value.value)
        return {_piece(value)}

    def _named(self, name: str) -> set[str]:
        if self._depth > _DEEPEST:
            return {HOLE}
        found = self._assigned(name) | self._passed(name) if self._scope else set()
        constant = self._source.constant(self._module, name)
        if not found and constant:
            module, value = constant
            found = _Reader(self._source, module, None, self._depth + 1).texts(value)
        return found or {HOLE}

    def _assigned(self, name: str) -> set[str]:
        assert self._scope is not None
        deeper = _Reader(self._source, self._module, self._scope, self._depth + 1)
        if self._depth > _DEEPEST:
            return set()
        return set().union(*(deeper.texts(each) for each in _values(self._scope, name)))

    def _passed(self, name: str) -> set[str]:
        """What callers give for a parameter."""
        assert self._scope is not None
        names = [each.arg for each in (*self._scope.args.args, *self._scope.args.kwonlyargs)]
        if name not in names:
            return set()
        at = names.index(name) - (names[0] in {"self", "cls"})
        found = set()
        for module, call in self._source.calls(self._module, self._scope):
            given = [each.value for each in call.keywords if each.arg == name] or call.args[at:][:1]
            reader = _Reader(self._source, module, module.scopes[call], self._depth + 1)
            found |= set().union(*map(reader.texts, given))
        return found

    def _called(self, call: ast.Call) -> set[str]:
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"join", "get"}:
            first = call.args[0] if call.func.attr == "join" else call.func.value
            inner = self.texts(first) | set().union(*map(self.texts, call.args[1:]))
            return inner | {HOLE}
        found = self._source.function(self._module, _name(call.func))
        if found is None or self._depth > _DEEPEST:
            return {HOLE}
        module, function = found
        deeper = _Reader(self._source, module, function, self._depth + 1)
        returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
        return set().union(*(deeper.texts(each) for each in returned if each)) or {HOLE}


def _read(path: str) -> _Module:
    module = _Module(path, ast.parse((ROOT / path).read_text(encoding="utf-8")))
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            module.constants[node.targets[0].id] = node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            module.constants[node.target.id] = node.value
    module.scopes = dict(_in_functions(module.tree))
    for node in module.scopes:
        if isinstance(node, Function):
            module.functions.setdefault(node.name, node)
        elif isinstance(node, ast.Call):
            module.calls.setdefault(_name(node.func), []).append(node)
    return module


def _in_functions(
    node: ast.AST, scope: Function | None = None
) -> Iterator[tuple[ast.AST, Function | None]]:
    """Every node below ``node``, with the function that it is in."""
    for child in ast.iter_child_nodes(node):
        yield child, scope
        yield from _in_functions(child, child if isinstance(child, Function) else scope)


def _told(path: str, node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in ``node`` that are messages."""
    match node:
        case ast.keyword(arg=str(name), value=value) if name in _SAID:
            yield value
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _HTTP:
            if path.startswith("web/"):
                yield first
        case ast.Call(func=ast.Attribute(value=held, attr="append"), args=[value]):
            if _name(held) in _HELD:
                yield value
        case ast.AugAssign(target=held, value=value):
            if _name(held) in _HELD:
                yield value
        case ast.Assign(targets=[held], value=value):
            if _name(held) in _HELD:
                yield value


@cache
def _values(function: Function, name: str) -> list[ast.expr]:
    """What is assigned to a variable, or appended to it, or what it goes over."""
    return list(_each_value(function, name))


def _each_value(function: Function, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.AugAssign(target=ast.Name(id=found), value=value) if found == name:
                yield value
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                yield from (
                    one for to, one in zip(names, values, strict=False) if _name(to) == name
                )
            case ast.For() | ast.comprehension():
                yield from _gone_over(node, name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append")):
                if found == name:
                    yield node.args[0]


def _gone_over(node: ast.For | ast.comprehension, name: str) -> Iterator[ast.expr]:
    if not isinstance(node.iter, ast.Tuple | ast.List):
        return
    for each in node.iter.elts:
        if isinstance(node.target, ast.Tuple) and isinstance(each, ast.Tuple):
            pairs = zip(node.target.elts, each.elts, strict=True)
            yield from (one for to, one in pairs if _name(to) == name)
        elif _name(node.target) == name:
            yield each


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _joined(parts: list[set[str]]) -> set[str]:
    return {"".join(each) for each in islice(product(*(part or {HOLE} for part in parts)), _MOST)}
