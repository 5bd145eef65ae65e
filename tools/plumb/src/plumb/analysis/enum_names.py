"""What enum types are called after their classes."""

import ast
import re

from plumb.index.scope import Scope


def snake(name: str) -> str:
    """`AchievementCategory` as `achievement_category`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def computed_name(node: ast.expr | None, name: str, scope: Scope) -> str:
    """What `enum.__name__.lower()`, `re.sub(..., enum.__name__)` and f-strings make of the name of a class."""
    match node:
        case ast.Attribute(attr="__name__"):
            return name
        case ast.Call(func=ast.Attribute(value=inner, attr="lower" | "upper" as change), args=[]):
            return getattr(computed_name(inner, name, scope), change)()
        case ast.Call(
            func=ast.Attribute(attr="sub"), args=[ast.Constant(value=str(old)), ast.Constant(value=str(new)), inner]
        ):
            return _substituted(old, new, computed_name(inner, name, scope))
        case ast.Call(func=ast.Attribute(value=pattern, attr="sub"), args=[ast.Constant(value=str(new)), inner]):
            home, made = scope.value(pattern)
            old = home.literal(made.args[0]) if isinstance(made, ast.Call) and len(made.args) == 1 else None
            return _substituted(old, new, computed_name(inner, name, scope)) if isinstance(old, str) else ""
        case ast.JoinedStr(values=parts):
            texts = [
                str(part.value)
                if isinstance(part, ast.Constant)
                else computed_name(getattr(part, "value", None), name, scope)
                for part in parts
            ]
            return "".join(texts) if all(texts) else ""
        case _:
            return ""


def _substituted(old: str, new: str, text: str) -> str:
    try:
        return re.sub(old, new, text)
    except re.error:
        return ""
