"""The shape of the code, checked: arrows, file length, imports of a point."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAMS = ("wire", "edge", "hub", "kiosk", "device_sim")
MAX_LINES = 300
FORBIDDEN_AT_A_POINT = ("fastapi", "starlette", "sqlmodel", "sqlalchemy", "textual", "alembic")


def test_no_file_grows_over_its_ceiling() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for folder in (*PROGRAMS, "tests")
        for path in (ROOT / folder).rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    ]
    assert not long, f"over {MAX_LINES} lines, asking to be two: {long}"


def _loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("module", ["wire.codec", "wire.topics", "wire.describe"])
def test_the_wire_loads_nothing_but_pydantic(module: str) -> None:
    foreign = {"paho", "serial", "typer", *FORBIDDEN_AT_A_POINT}
    assert not _loaded_by(module) & foreign


def test_a_point_loads_no_web_framework_and_no_orm() -> None:
    assert not _loaded_by("edge.daemon, edge.cli") & set(FORBIDDEN_AT_A_POINT)


def test_importing_lists_loads_no_web_framework() -> None:
    assert not _loaded_by("hub.jobs") & {"fastapi", "starlette", "uvicorn"}
