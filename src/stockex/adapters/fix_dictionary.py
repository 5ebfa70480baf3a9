"""The dictionary of FIX 4.4 from a file, and its making from the XML form in which QuickFIX keeps dictionaries.

`python -m stockex.adapters.fix_dictionary FIX44.xml > src/stockex/dictionaries/fix44.txt` wrote the file that the
package carries; the head of the file says whose work the XML is.
"""

import sys
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from stockex.errors import ConfigurationError

WIDTH: Final = 118


def fix44() -> str:
    """Return all of FIX 4.4, in the form that `core.fix.dictionary` reads."""
    return (resources.files("stockex") / "dictionaries" / "fix44.txt").read_text("utf-8")


def compact(xml: str) -> str:
    """Return a QuickFIX dictionary in the form that `core.fix.dictionary` reads.

    Raises:
        ConfigurationError: not such a dictionary.
    """
    try:
        root = ET.fromstring(xml)  # noqa: S314 - a file that the person who runs this chose
    except ET.ParseError as error:
        raise ConfigurationError(f"dictionary: {error}") from error
    return "\n".join(_wrapped(line) for line in _lines(root)) + "\n"


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _lines(root: ET.Element) -> Iterator[str]:
    yield f"version {root.get('type')}.{root.get('major')}.{root.get('minor')}"
    for field in sorted(_part(root, "fields"), key=lambda field: int(field.get("number", ""))):
        values = " ".join(f"{value.get('enum')}={value.get('description')}" for value in field)
        yield f"field {field.get('number')} {field.get('name')} {field.get('type')} {values}".rstrip()
    for component in _part(root, "components"):
        yield f"component {component.get('name')} {_members(component)}".rstrip()
    yield f"header {_members(_part(root, 'header'))}"
    yield f"trailer {_members(_part(root, 'trailer'))}"
    for message in _part(root, "messages"):
        kind, name = message.get("msgtype"), message.get("name")
        yield f"message {kind} {name} {message.get('msgcat')} {_members(message)}".rstrip()


def _part(root: ET.Element, name: str) -> ET.Element:
    found = root.find(name)
    if found is None:
        raise ConfigurationError(f"dictionary: no <{name}>")
    return found


def _members(parent: ET.Element) -> str:
    return " ".join(_member(child) for child in parent)


def _member(child: ET.Element) -> str:
    """Return `Name`, `Name!` for what must be there, `@Name` for a component, `Name( ... )` for a group."""
    sign = "@" if child.tag == "component" else ""
    must = "!" if child.get("required") == "Y" else ""
    group = f"( {_members(child)} )" if child.tag == "group" else ""
    return f"{sign}{child.get('name')}{must}{group}"


if __name__ == "__main__":
    sys.stdout.write(compact(Path(sys.argv[1]).read_text("utf-8")))
