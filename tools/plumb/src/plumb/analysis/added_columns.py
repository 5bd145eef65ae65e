"""The columns that a migration has added so far, and what their rows hold."""

import re

from plumb.analysis.sql_statements import added_columns, altered_table, defaulted_columns, written_tables

_CALLS = r"(?:now|transaction_timestamp|statement_timestamp|clock_timestamp|localtimestamp|datetime)"
PRESENT = rf"(?:{_CALLS}\s*\(\s*(?:'now')?\s*\)|CURRENT_TIMESTAMP|LOCALTIMESTAMP)"
CHANGE = re.compile(r"\s*(?:WITH\b.*)?\b(UPDATE|DELETE\s+FROM)\b", re.IGNORECASE | re.DOTALL)
_IF_MISSING = re.compile(r"\bADD\s+COLUMN\s+IF\s+NOT\s+EXISTS\b", re.IGNORECASE)
_GENERATED = re.compile(r"\b(?:GENERATED|(?:BIG)?SERIAL|IDENTITY)\b", re.IGNORECASE)
_OF_NOW = re.compile(
    rf"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\"?(\w+)\"?\s[^,;]*?\bDEFAULT\s+\(?{PRESENT}", re.IGNORECASE
)
_BEGIN = re.compile(r"\s*(?:BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_END = re.compile(r"\s*(?:COMMIT|END|ROLLBACK)\b", re.IGNORECASE)


class Added:
    """`filled` have a value in every row, `empty` in none, as `table.column`.

    `present` hold the present of the transaction that runs, `past` that of an earlier one. Where a migration `commits`,
    each statement is a transaction of its own, but for those between `BEGIN` and `COMMIT`.
    """

    def __init__(self, *, commits: bool) -> None:
        self.filled: set[str] = set()
        self.empty: set[str] = set()
        self.present: set[str] = set()
        self.past: set[str] = set()
        self.commits = commits

    def column(self, name: str, *, filled: bool, present: bool = False) -> None:
        """Remember a column that was certainly not there before."""
        (self.filled if filled else self.empty).add(name.lower())
        if present:
            self.present.add(name.lower())
        if self.commits:
            self.commit()

    def commit(self) -> None:
        """A transaction ends here: the present is another one."""
        self.past |= self.present
        self.present = set()

    def forget_rows(self) -> None:
        """Rows were written in a way that cannot be read."""
        self.empty.clear()
        self.past.clear()

    def statement(self, text: str) -> None:
        """Remember what a statement adds; what it writes is empty no more."""
        table, certain = altered_table(text), _IF_MISSING.search(text) is None
        self.filled.update(defaulted_columns(text) if certain else ())
        self.present |= _of_now(text) if table else set()
        for name, _ in added_columns(text) if certain else ():
            if f"{table}.{name}".lower() not in self.filled and not _GENERATED.search(text):
                self.empty.add(f"{table}.{name}".lower())
        if CHANGE.match(text) and not written_tables(text):
            self.forget_rows()
        for written in written_tables(text):
            self.empty -= {name for name in self.empty if name.startswith(f"{written}.")}
            self.past -= {name for name in self.past if name.startswith(f"{written}.")}
        self._follow_transaction(text, certain=certain)

    def _follow_transaction(self, text: str, *, certain: bool) -> None:
        if _BEGIN.match(text):
            self.commits = False
        elif _END.match(text):
            self.commits = True
            self.commit()
        elif self.commits:
            self.commit()
            self.past -= set() if certain else _of_now(text)


def _of_now(text: str) -> set[str]:
    """The columns that an `ALTER TABLE` adds with the present for a default."""
    return {f"{altered_table(text)}.{name}".lower() for name in _OF_NOW.findall(text)}
