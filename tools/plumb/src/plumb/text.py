"""Lines of a file and the text between two positions of its tree, whose columns count UTF-8 bytes."""

import ast

Located = ast.expr | ast.stmt | ast.ExceptHandler | ast.arg | ast.keyword | ast.alias


class Lines:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.plain = text.isascii()

    def span(self, node: Located) -> tuple[int, int, int, int]:
        """Line, column, end line and end column of *node*, columns in characters from 1."""
        end_line = node.end_lineno or node.lineno
        end = node.end_col_offset or 0
        if self.plain:
            return node.lineno, node.col_offset + 1, end_line, end + 1
        return (
            node.lineno,
            self.characters(node.lineno, node.col_offset) + 1,
            end_line,
            self.characters(end_line, end) + 1,
        )

    def characters(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    def segment(self, node: Located) -> str:
        line, column, end_line, end_column = self.span(node)
        return self.between(line, column, end_line, end_column)

    def between(self, line: int, column: int, end_line: int, end_column: int) -> str:
        if line == end_line:
            return self.lines[line - 1][column - 1 : end_column - 1]
        first, *middle = self.lines[line - 1 : end_line - 1]
        return "\n".join([first[column - 1 :], *middle, self.lines[end_line - 1][: end_column - 1]])
