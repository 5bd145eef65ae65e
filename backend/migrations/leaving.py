"""What the code has stopped using and a later release will drop: autogenerate and the tests look past it.

A column leaves in two releases. The first stops mapping it and lists it here; by then it must be nullable or have a
server default, since the code no longer writes it. The second drops it and takes it off the list.
"""

LEAVING_COLUMNS: frozenset[tuple[str, str]] = frozenset()
LEAVING_TABLES: frozenset[str] = frozenset()
