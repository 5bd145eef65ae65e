"""A refusal: nothing was written, and one sentence says which word is at fault and what to do."""


class Refusal(Exception):
    """Its text is for whoever typed the command."""
