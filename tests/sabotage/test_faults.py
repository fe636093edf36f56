from tests.sabotage.__main__ import ROOT, faults


def test_every_fault_still_fits_the_code_it_breaks() -> None:
    stale = [
        fault.name
        for fault in faults()
        if (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) != 1
    ]
    assert not stale, "`old` must occur exactly once in `file`"
    assert len(faults()) >= 15


def test_the_tests_that_should_notice_exist() -> None:
    missing = [
        test
        for fault in faults()
        for test in fault.tests
        if not _is_there(*test.partition("::")[::2])
    ]
    assert not missing


def _is_there(path: str, name: str) -> bool:
    found = ROOT / path
    plain = name.partition("[")[0]  # one engine of a test
    return found.exists() and (not plain or plain in found.read_text(encoding="utf-8"))
