"""Tells what is wrong with a YOLO-format data set; these names are the public interface, loaded on first use."""

# Nothing is imported here: `python -m yoloaudit` runs this file while the working folder can still shadow any module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from yoloaudit.checks.base import Check, Example, Picture
    from yoloaudit.dataset.load import Dataset, load
    from yoloaudit.engine import audit
    from yoloaudit.errors import DataError, UsageError, WriteError, YoloauditError
    from yoloaudit.findings import Finding, Fix, Location, Report, RuleRun, Severity, Suggestion
    from yoloaudit.packs import Rule, load_rules
    from yoloaudit.report.write import write
    from yoloaudit.version import __version__

__all__ = [
    "Check",
    "DataError",
    "Dataset",
    "Example",
    "Finding",
    "Fix",
    "Location",
    "Picture",
    "Report",
    "Rule",
    "RuleRun",
    "Severity",
    "Suggestion",
    "UsageError",
    "WriteError",
    "YoloauditError",
    "__version__",
    "audit",
    "load",
    "load_rules",
    "write",
]

_HOMES = {
    "checks.base": ("Check", "Example", "Picture"),
    "dataset.load": ("Dataset", "load"),
    "engine": ("audit",),
    "errors": ("DataError", "UsageError", "WriteError", "YoloauditError"),
    "findings": ("Finding", "Fix", "Location", "Report", "RuleRun", "Severity", "Suggestion"),
    "packs": ("Rule", "load_rules"),
    "report.write": ("write",),
    "version": ("__version__",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            value: object = getattr(import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
