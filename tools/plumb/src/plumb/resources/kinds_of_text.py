"""Fields of text: a line, and text of any form."""

from plumb.resources.field import Code, Context, Field

LINE_LENGTH, TEXT_LENGTH = 200, 10_000


def line(context: Context, length: str = str(LINE_LENGTH), *more: str) -> Field:
    """A line of text, trimmed and not empty."""
    size = context.number("str", length, more, at_least=1, at_most=LINE_LENGTH * 10)
    first, second = (f"{order} {context.words}"[:size].strip() for order in ("First", "Second"))
    blanks = f"  {first} "
    return Field(
        **context.names(),
        stored="str",
        options=(f"max_length={size}",),
        alias=f"Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length={size})]",
        answered="str",
        sa=f"sa.String(length={size})",
        zod="z.string()",
        valid=first,
        changed=second,
        accepted={
            "with blanks around it": (blanks, first),
            "of the greatest length": (Code(f'"x" * {size}'), Code(f'"x" * {size}')),
        },
        refused={
            "empty": "",
            "blank": " \t\n",
            "too long": Code(f'"x" * {size + 1}'),
            "with a NUL": "a\0b",
            "not text": 1,
        },
    )


def text(context: Context, length: str = str(TEXT_LENGTH), *more: str) -> Field:
    """Text of any form, kept as it is; empty unless it is sent."""
    size = context.number("text", length, more, at_least=1, at_most=100_000)
    return Field(
        **context.names(),
        stored="str",
        options=(f"max_length={size}",),
        alias=f"Annotated[str, Field(max_length={size})]",
        answered="str",
        default=None if context.nullable else '""',
        left_out=None if context.nullable else "",
        sa=f"sa.String(length={size})",
        zod="z.string()",
        valid=f"The {context.words}.\nOf two lines."[:size],
        changed=f"Another {context.words}."[:size],
        accepted={
            "empty": ("", ""),
            "with blanks around it": (" a "[:size], " a "[:size]),
            "of the greatest length": (Code(f'"x" * {size}'), Code(f'"x" * {size}')),
        },
        refused={"too long": Code(f'"x" * {size + 1}'), "with a NUL": "a\0b", "not text": 1},
    )
