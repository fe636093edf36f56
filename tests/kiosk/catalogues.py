"""``python -m tests.kiosk.catalogues`` compiles the terminals' catalogues; tests compare."""

import ast
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

KIOSK = Path(__file__).parents[2] / "kiosk"
CATALOGUES = sorted((KIOSK / "locale").glob("*/LC_MESSAGES/*.po"))
_MARKS = {"_", "t", "mark"}


def messages_in_code() -> set[str]:
    """Every literal that the code marks for translation."""
    return {
        node.args[0].value
        for path in KIOSK.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and _name(node.func) in _MARKS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def read_catalogue(path: Path) -> dict[str, str]:
    """msgid → msgstr; comments, msgid and msgstr over any number of lines are what is read."""
    entries: dict[str, str] = {}
    key = value = ""
    for name, text in _strings(path):
        if name == "msgid":
            key, value = text, ""
        elif name == "msgstr":
            if key in entries:
                msg = f"{path}: {key!r} stands twice"
                raise ValueError(msg)
            value = text
            entries[key] = value
    return entries


def _strings(path: Path) -> Iterator[tuple[str, str]]:
    name, text = "", ""
    for raw in [*path.read_text(encoding="utf-8").splitlines(), "end"]:
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith('"'):
            text += ast.literal_eval(line)
            continue
        if name:
            yield name, text
        name, _, rest = line.partition(" ")
        text = ast.literal_eval(rest) if rest else ""


def compiled(entries: dict[str, str]) -> bytes:
    """The binary form gettext reads: header, two tables of (length, offset), the strings."""
    pairs = sorted((k.encode(), v.encode()) for k, v in entries.items())
    count = len(pairs)
    table, body, offset = [], b"", 28 + count * 16
    for column in range(2):
        for pair in pairs:
            table.append((len(pair[column]), offset + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + count * 8, 0, 0)
    return head + b"".join(struct.pack("<2I", *entry) for entry in table) + body


def main() -> None:
    for path in CATALOGUES:
        path.with_suffix(".mo").write_bytes(compiled(read_catalogue(path)))
        sys.stdout.write(f"{path.with_suffix('.mo')}\n")


if __name__ == "__main__":
    main()
