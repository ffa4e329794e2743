"""JUnit XML with one test case per case id, the sources as properties. Inconclusive is skipped, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as Xml

from ..runner.verdicts import Result


def junit(results: Sequence[Result], target: str) -> str:
    """The results as JUnit XML."""
    verdicts = Counter(one.verdict for one in results)
    counts: dict[str, Any] = {
        "tests": str(len(results)),
        "failures": str(verdicts["drift"]),
        "skipped": str(verdicts["inconclusive"]),
    }
    suite = Xml.Element(
        "testsuite", name=f"contract {target}", time=f"{sum(one.seconds for one in results):.3f}", **counts
    )
    for result in results:
        suite.append(_case(result, target))
    root = Xml.Element("testsuites")
    root.append(suite)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def _case(result: Result, target: str) -> Xml.Element:
    case = Xml.Element("testcase", classname=f"contract.{target}", name=result.case_id, time=f"{result.seconds:.3f}")
    properties = Xml.SubElement(case, "properties")
    Xml.SubElement(properties, "property", name="verdict", value=result.verdict)
    for finding in result.findings:
        Xml.SubElement(properties, "property", name="source", value=finding.source)
    if result.verdict == "drift":
        grave = next((one for one in result.findings if one.severity == "error"), result.findings[0])
        failure = Xml.SubElement(case, "failure", message=_printable(grave.text))
        failure.text = _printable("\n".join(finding.line() for finding in result.findings))
    elif result.verdict == "inconclusive":
        Xml.SubElement(case, "skipped", message=_printable(f"inconclusive: {result.reason}"))
    return case


def _printable(text: str) -> str:
    """XML knows no control characters."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "?" for letter in text)
