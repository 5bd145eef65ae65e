"""Rewrites f-strings of newer Python: nested quotes, line breaks, comments and backslashes inside braces."""

import re

_START = re.compile(r"""(?<![\w])([A-Za-z]{0,2})('''|\"\"\"|'|\")""")
_OUTER = ('"""', "'''")


def simplify(text: str) -> str:
    """*text* with every f-string in triple quotes and nothing in its braces that Python 3.11 refuses."""
    return _Rewriter(text).code(0, "", 0)[0]


class _Rewriter:
    """Each method reads from an offset and returns the new text with the offset behind what it read."""

    def __init__(self, text: str) -> None:
        self.text = text

    def code(self, start: int, closing: str, depth: int) -> tuple[str, int]:
        """Code up to one of the characters in *closing* outside brackets, or to the end."""
        pieces: list[str] = []
        offset, brackets = start, 0
        while offset < len(self.text):
            letter = self.text[offset]
            if not brackets and letter in closing and not self._is_operator(offset):
                break
            string = _START.match(self.text, offset)
            if string is not None:
                piece, offset = self.string(string, depth)
            elif letter == "#":
                end = self._line_end(offset)
                piece, offset = (" " * (end - offset) if closing else self.text[offset:end]), end
            elif letter.isidentifier():
                end = self._word_end(offset)
                piece, offset = self.text[offset:end], end
            else:
                brackets += (letter in "([{") - (letter in ")]}")
                piece, offset = ("/" if closing and letter == "\\" else letter), offset + 1
            pieces.append(piece)
        return "".join(pieces), offset

    def string(self, start: re.Match[str], depth: int) -> tuple[str, int]:
        """A string of any kind."""
        prefix, quote = start[1].lower(), start[2]
        if "f" in prefix or "t" in prefix:
            body, end = self.formatted(start.end(), quote, depth)
            outer = _OUTER[min(depth, 1)]
            return f"{prefix.replace('t', 'f')}{outer}{body}{outer}", end
        end = self._plain_end(start.end(), quote)
        kept = self.text[start.start() : end]
        return (kept.replace("\\", "/").replace("\n", " ") if depth else kept), end

    def formatted(self, start: int, quote: str, depth: int) -> tuple[str, int]:
        """The inside of an f-string and the offset behind its closing quote."""
        pieces: list[str] = []
        offset = start
        while offset < len(self.text):
            if self.text.startswith(quote, offset):
                return self._safe_end("".join(pieces)), offset + len(quote)
            pair = self.text[offset : offset + 2]
            if pair in {"{{", "}}"} or pair[:1] == "\\":
                piece, offset = pair, offset + 2
            elif pair[:1] == "{":
                piece, offset = self.field(offset, depth)
            else:
                piece, offset = pair[:1], offset + 1
            pieces.append(piece)
        return "".join(pieces), offset

    def field(self, start: int, depth: int) -> tuple[str, int]:
        """A replacement field with its braces; the format after the colon may hold fields of its own."""
        pieces = ["{"]
        inner, offset = self.code(start + 1, "!:}", depth + 1)
        pieces.append(inner)
        while offset < len(self.text) and self.text[offset] != "}":
            if self.text[offset] == "{":
                piece, offset = self.field(offset, depth)
            else:
                piece, offset = self.text[offset], offset + 1
            pieces.append(piece)
        return "".join([*pieces, "}"]), offset + 1

    def _is_operator(self, offset: int) -> bool:
        """Whether `!` or `:` belongs to `!=` or `:=` (the latter only counts inside brackets, as in Python)."""
        return self.text.startswith("!=", offset)

    def _line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _word_end(self, offset: int) -> int:
        while offset < len(self.text) and (self.text[offset].isalnum() or self.text[offset] == "_"):
            offset += 1
        return offset

    def _plain_end(self, offset: int, quote: str) -> int:
        while offset < len(self.text) and not self.text.startswith(quote, offset):
            offset += 2 if self.text[offset] == "\\" else 1
        return offset + len(quote)

    @staticmethod
    def _safe_end(body: str) -> str:
        """A body that ends in a quote would close the triple quotes too early."""
        return f"{body[:-1]}\\{body[-1]}" if body.endswith(('"', "'")) and not body.endswith(('\\"', "\\'")) else body
