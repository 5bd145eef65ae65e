"""The names of a resource: one noun, in the forms that code, addresses, tables and sentences need."""

import re
from dataclasses import dataclass

IRREGULAR = {
    "child": "children",
    "criterion": "criteria",
    "datum": "data",
    "foot": "feet",
    "goose": "geese",
    "man": "men",
    "matrix": "matrices",
    "medium": "media",
    "mouse": "mice",
    "ox": "oxen",
    "person": "people",
    "phenomenon": "phenomena",
    "quiz": "quizzes",
    "tooth": "teeth",
    "vertex": "vertices",
    "woman": "women",
}
ENDINGS = (
    (r"^(cal|hal|lea|loa|shel|sel|thie|wol|scar)f$", r"\1ves"),
    (r"^(kni|li|wi)fe$", r"\1ves"),
    (r"^(chair|crafts|fire|fore|post|sales|spokes|work)man$", r"\1men"),
    (r"([^aeiou])y$", r"\1ies"),
    (r"sis$", "ses"),
    (r"(s|x|z|ch|sh)$", r"\1es"),
    (r"$", "s"),
)
"""The first that fits decides."""
TO_OES = {"cargo", "echo", "embargo", "hero", "potato", "tomato", "veto"}
SAME = {
    *("advice", "aircraft", "equipment", "feedback", "fish", "furniture", "information", "money", "news", "series"),
    *("sheep", "software", "species", "staff", "traffic", "weather"),
}
SILENT = ("honor", "honour", "hour", "heir")
LIKE_YOU = re.compile(r"u(ni|se|s[aeiu]|[rt][aeiou])|eu|one")
"""Words that are written with a vowel and spoken without one: a unit, a user, a euro."""


@dataclass(frozen=True, slots=True)
class Noun:
    """`order_line` and `order_lines`."""

    singular: str
    plural: str

    @property
    def name(self) -> str:
        """The class: `OrderLine`."""
        return pascal(self.singular)

    @property
    def article(self) -> str:
        return "an" if _spoken_with_a_vowel(self.singular) else "a"

    def forms(self) -> dict[str, str]:
        """Every form of the noun by what it is called."""
        return {
            "snake": self.singular,
            "snakes": self.plural,
            "upper": self.singular.upper(),
            "uppers": self.plural.upper(),
            "pascal": self.name,
            "kebab": self.singular.replace("_", "-"),
            "kebabs": self.plural.replace("_", "-"),
            "words": words(self.singular),
            "wordss": words(self.plural),
        }


def words(name: str) -> str:
    return name.replace("_", " ")


def pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def snake(name: str) -> str:
    """The reverse of `pascal`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def plural_of(singular: str) -> str:
    """English, for the last word of *singular*."""
    head, joint, last = singular.rpartition("_")
    return head + joint + _plural(last)


def looks_plural(singular: str) -> bool:
    return singular.endswith("s") and not singular.endswith(("ss", "us", "is")) and singular not in SAME


def _plural(word: str) -> str:
    if word in SAME:
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word in TO_OES:
        return f"{word}es"
    ending, instead = next(rule for rule in ENDINGS if re.search(rule[0], word))
    return re.sub(ending, instead, word)


def _spoken_with_a_vowel(word: str) -> bool:
    if word.startswith(SILENT):
        return True
    return word[0] in "aeiou" and not LIKE_YOU.match(word)
