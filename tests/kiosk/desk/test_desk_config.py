"""The files of a desk, a self-check machine and a web server."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli import app

HUB = '[hub]\nurl = "https://hub.example"\nusername = "desk-d1"\npassword = "secret-word"\n'


def checked(command: str, file: Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [command, "--config", str(file), "--check"])
    return done.exit_code, done.stdout, done.stderr


def test_good_files_say_so(tmp_path: Path) -> None:
    desk, self_, web = (tmp_path / f"{name}.toml" for name in ("desk", "self", "web"))
    desk.write_text('desk = "d1"\ntaps = "hub"\ndata = "drafts"\n' + HUB)
    self_.write_text('desk = "s1"\ntaps = "/run/r.sock"\n' + HUB)
    web.write_text(
        'hub = "https://hub.example"\n[[desks]]\ndesk = "d1"\ntitle = "一"\nconfig = "desk.toml"\n'
    )
    assert checked("desk", desk) == (0, f"{desk}: good; desk d1\n", "")
    assert checked("self", self_) == (0, f"{self_}: good; machine s1\n", "")
    assert checked("web", web) == (0, f"{web}: good; 1 desks\n", "")
    assert not (tmp_path / "drafts").exists()


@pytest.mark.parametrize(
    ("command", "text", "told"),
    [
        ("desk", 'desk = "D 1"\ntaps = "hub"\n' + HUB, ["desk: found 'D 1'", "data: missing"]),
        ("desk", 'desk = "d1"\ntaps = "hub"\ndata = "x"\n' + HUB.replace("https", "http"),
         ["hub.url: found 'http://hub.example'", "expected https://"]),
        ("self", 'desk = "s1"\ntaps = "hub"\n' + HUB, ['expected desk = "']),
        ("web", 'hub = "https://hub.example"\nhost = "0.0.0.0"\n[[desks]]\ndesk = "d1"\n'
         'title = "一"\nconfig = "desk.toml"\n', ["expected host 127.0.0.1"]),
        ("web", 'hub = "https://hub.example"\n[[desks]]\ndesk = "d1"\ntitle = "一"\n'
         'config = "none.toml"\n', ["none.toml: no such file"]),
    ],
    ids=["desk", "unprotected", "self-by-hub", "web-for-all", "web-without-desk"],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_key_and_no_password(
    tmp_path: Path, command: str, text: str, told: list[str]
) -> None:
    file = tmp_path / f"{command}.toml"
    file.write_text(text)
    code, said, problems = checked(command, file)
    assert (code, said) == (2, "")
    for words in told:
        assert words in problems
    assert "secret-word" not in problems


def test_a_browser_is_refused_files_that_are_not_its_desks_all_at_once(tmp_path: Path) -> None:
    listed = (
        ("a", 'desk = "d9"\ntaps = "hub"\ndata = "x"\n'),
        ("b", 'desk = "b"\ntaps = "/run/r.sock"\ndata = "x"\n'),
        ("c", 'desk = "d8"\ntaps = "/run/r.sock"\n'),
        ("d", 'desk = "d"\ntaps = "hub"\ndata = "x"\n'),
    )
    web = 'hub = "https://hub.example"\n'
    for name, text in listed:
        (tmp_path / f"{name}.toml").write_text(text + HUB)
        web += f'[[desks]]\ndesk = "{name}"\ntitle = "{name}"\nconfig = "{name}.toml"\n'
    (tmp_path / "web.toml").write_text(web)
    code, said, problems = checked("web", tmp_path / "web.toml")
    assert (code, said) == (2, "")
    assert problems.splitlines() == [
        f"{tmp_path}/a.toml: desk: found 'd9'; expected 'a', the name it is listed under",
        f"{tmp_path}/b.toml: taps: found '/run/r.sock'; expected 'hub': "
        "no reader's socket belongs to a browser",
        f"{tmp_path}/c.toml: data: missing; expected a value",
    ]


def test_a_value_that_may_be_read_in_two_ways_is_named_by_its_key(tmp_path: Path) -> None:
    desk = tmp_path / "desk.toml"
    desk.write_text('desk = "d1"\ntaps = 5\ndata = "drafts"\n' + HUB)
    code, _, said = checked("desk", desk)
    assert code == 2
    assert all(line.startswith(f"{desk}: taps: found 5; ") for line in said.splitlines()), said
