"""Every rule there is: the modules `rules/pb*.py`, found by their file names, and the choice among them."""

from functools import cache
from importlib import import_module
from pathlib import Path

from plumb.builtin import UNREADABLE, UNUSED_NOQA
from plumb.config import Config, ConfigError, unknown
from plumb.rule import REGISTRY, Option, Rule
from plumb.run_time.rules import AT_RUN_TIME

BUILT_IN = (UNREADABLE, UNUSED_NOQA)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by code."""
    for file in sorted((Path(__file__).parent / "rules").glob("pb*.py")):
        import_module(f"plumb.rules.{file.stem}")
    return tuple(REGISTRY.all())


def everything() -> tuple[Rule, ...]:
    """All rules, those that only a run of tests checks, and the findings that come from none."""
    return tuple(sorted((*BUILT_IN, *rules(), *AT_RUN_TIME), key=lambda rule: rule.code))


def options() -> tuple[Option, ...]:
    return tuple(option for rule in rules() for option in rule.options)


def find(code: str) -> Rule:
    """The rule with this code or name."""
    for rule in everything():
        if code.upper() == rule.code or code == rule.name:
            return rule
    raise ConfigError(unknown("rule", code, [rule.code for rule in everything()]))


def chosen(config: Config) -> tuple[Rule, ...]:
    """The rules that `select`, `ignore` and `severity` leave."""
    for prefix in (*config.strings("select"), *config.strings("ignore"), *config.severity):
        _check_prefix(prefix)
    for prefix in config.strings("select"):
        _check_findable(prefix)
    return tuple(rule for rule in rules() if is_selected(config, rule.code))


def is_selected(config: Config, code: str) -> bool:
    """The longest matching prefix decides; `ignore` wins a tie."""
    selected = max((len(prefix) for prefix in config.strings("select") if code.startswith(prefix)), default=0)
    ignored = max((len(prefix) for prefix in config.strings("ignore") if code.startswith(prefix)), default=0)
    return selected > ignored and config.severity_of(code) != "off"


def _check_prefix(prefix: str) -> None:
    codes = [rule.code for rule in everything()]
    if not any(code.startswith(prefix) for code in codes):
        raise ConfigError(unknown("rule", prefix, codes))


def _check_findable(prefix: str) -> None:
    """A check that can find nothing must not say that it found nothing."""
    if not any(rule.code.startswith(prefix) for rule in (*BUILT_IN, *rules())):
        found = next(rule for rule in AT_RUN_TIME if rule.code.startswith(prefix))
        raise ConfigError(f"{found.code} is found while tests run, by the plugin for pytest: `plumb rule {found.code}`")
