"""`python -m tests.contract.update`: write `docs/openapi.json`, and facts and answers into `docs/API.md`."""

import asyncio
import sys

from tests.contract import api_md, document, page_run


def refreshed(page: str) -> str:
    """Return the page as it should be. Raises PageError where only a person can mend it."""
    page = api_md.with_facts(page, document.current())
    return api_md.with_answers(page, asyncio.run(page_run.run(list(api_md.examples(page)))))


def main() -> int:
    try:
        page = refreshed(api_md.PAGE.read_text("utf-8"))
    except api_md.PageError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    api_md.PAGE.write_text(page, "utf-8")
    document.FILE.write_text(document.dumped(document.current()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
