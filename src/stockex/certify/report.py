"""What a certification found, as JSON, as JUnit's XML and as a page to read."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from importlib import resources

import jinja2
import msgspec
from msgspec import Struct

from stockex import __version__
from stockex.certify.play import Verdict
from stockex.core.fix.times import stamp


class Report(Struct, frozen=True, kw_only=True):
    """One certification.

    Attributes:
        at: When it was made, UTC.
        grade: "certified with distinction" when all scenarios are passed, "certified" when all mandatory ones are,
            else "not certified".
    """

    client: str
    venue: str
    version: str
    at: str
    grade: str
    passed: int
    failed: int
    mandatory_failed: int
    verdicts: Sequence[Verdict]

    @property
    def is_certified(self) -> bool:
        """Whether all mandatory scenarios are passed."""
        return not self.mandatory_failed


def report_of(verdicts: Sequence[Verdict], *, client: str, venue: str, at: int) -> Report:
    """Return the report of a run."""
    failed = [verdict for verdict in verdicts if not verdict.is_passed]
    mandatory = sum(verdict.is_mandatory for verdict in failed)
    grade = "not certified" if mandatory else "certified" if failed else "certified with distinction"
    return Report(
        client=client,
        venue=venue,
        version=__version__,
        at=stamp(at, digits=0),
        grade=grade,
        passed=len(verdicts) - len(failed),
        failed=len(failed),
        mandatory_failed=mandatory,
        verdicts=verdicts,
    )


def as_json(report: Report) -> bytes:
    """Return everything, for programs."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


def as_junit(report: Report) -> bytes:
    """Return a test suite, as continuous integration reads it. A failed optional scenario counts as skipped."""
    optional = report.failed - report.mandatory_failed
    suite = ET.Element(
        "testsuite",
        name=f"FIX certification of {report.client}",
        tests=str(len(report.verdicts)),
        failures=str(report.mandatory_failed),
        skipped=str(optional),
    )
    for verdict in report.verdicts:
        name = f"{verdict.id} {verdict.title}"
        case = ET.SubElement(
            suite, "testcase", classname=verdict.section, name=name, time=f"{verdict.took_ms / 1000:.3f}"
        )
        if not verdict.is_passed:
            found = ET.SubElement(
                case, "failure" if verdict.is_mandatory else "skipped", message=_printable(verdict.why)
            )
            found.text = _printable("\n".join(verdict.said))
    return b"<?xml version='1.0' encoding='UTF-8'?>\n" + ET.tostring(suite)


def as_page(report: Report) -> str:
    """Return a page that stands alone."""
    sections: dict[str, list[Verdict]] = {}
    for verdict in report.verdicts:
        sections.setdefault(verdict.section, []).append(verdict)
    template = (resources.files("stockex.certify") / "report.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(report=report, sections=sections)


def _printable(text: str) -> str:
    """Return text that XML may carry."""
    return "".join(each if each == "\n" or each.isprintable() else "?" for each in text)
