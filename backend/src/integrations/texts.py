"""Texts from elsewhere: whatever they hold, they can be stored and sent on."""


def fitted(text: str, limit: int) -> str:
    """*text* without NUL characters and halves of surrogate pairs, trimmed, of at most *limit* characters."""
    whole = text.encode("utf-8", "ignore").decode().replace("\0", "")
    return whole.strip()[:limit].strip()
