"""The machine under the point: secrets on disk, clock, space."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from edge.clock import SyncSource, system_time
from edge.config import EdgeConfig, KeyFileError, load_keys
from edge.doctor.finding import Finding

RTC_FOLDER = Path("/sys/class/rtc")
LITTLE_SPACE = 500 * 1024 * 1024
NO_SPACE = 50 * 1024 * 1024


def secrets(config: EdgeConfig, file: Path) -> Iterator[Finding]:
    """Whether keys can be used and nobody else can read them or the passwords."""
    yield private(file, "configuration (holds passwords)")
    for number, path in config.card_keys.items():
        try:
            load_keys({number: path})
        except KeyFileError as error:
            yield Finding("fail", str(error), "copy the deployment's key from its sealed copy")
        else:
            yield private(path, f"card key {number}")


def private(path: Path, what: str) -> Finding:
    """Whether only its owner may read a file."""
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("warn", f"{what}: {path} has mode {mode:o}", f"chmod 600 {path}")
    return Finding("ok", f"{what}: {path}")


def clock(config: EdgeConfig) -> list[Finding]:
    """The clock of this machine against what the configuration trusts."""
    rtc = RTC_FOLDER.is_dir() and any(RTC_FOLDER.iterdir())
    return clock_findings(config.sync_source, synced=system_time().kernel_synced(), rtc=rtc)


def clock_findings(source: SyncSource, *, synced: bool, rtc: bool) -> list[Finding]:
    """A welcome of the hub dates a whole boot, so with that source no RTC is needed."""
    if source == "hub":
        return [Finding("ok", "clock: taken from the hub (sync_source = hub)")]
    if source == "none":
        remedy = "set sync_source to kernel or hub"
        return [Finding("warn", "clock: sync_source = none, every visit goes to review", remedy)]
    findings = [Finding("ok", "clock: the kernel is synchronised")]
    if not synced:
        remedy = "start chrony or systemd-timesyncd, or set sync_source = hub"
        findings = [Finding("warn", "clock: the kernel is not synchronised", remedy)]
    if not rtc:
        remedy = "fit an RTC module, or set sync_source = hub"
        findings.append(Finding("warn", "clock: no RTC, time is lost with the power", remedy))
    return findings


def disk(folder: Path) -> list[Finding]:
    """Space where the facts go, and leave to write there."""
    here = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(here, os.W_OK | os.X_OK):
        return [Finding("fail", f"data: {here} cannot be written", "chown it to the daemon's user")]
    return [disk_finding(folder, shutil.disk_usage(here).free)]


def disk_finding(folder: Path, free_bytes: int) -> Finding:
    """A full disk refuses every card."""
    what = f"disk: {free_bytes // 1024**2} MB free for {folder}"
    if free_bytes < NO_SPACE:
        return Finding("fail", what, "free space now: a full disk refuses every card")
    if free_bytes < LITTLE_SPACE:
        return Finding("warn", what, "free space or fit a larger card")
    return Finding("ok", what)
