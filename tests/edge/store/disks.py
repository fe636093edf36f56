"""Disks that are full, read-only or failing: real ones, mounted; what needs rights says so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.programs import needs

FAILING_C = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int ordered(int fd, char *order) {
  char link[64], path[512];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = 0;
  if (!strstr(path, "outbox.db") || strstr(path, "-shm")) return 0;
  FILE *file = fopen(getenv("DISK_ORDER"), "r");
  if (!file) return 0;
  int known = fscanf(file, "%31s", order) == 1;
  fclose(file);
  return known;
}

static int sync_fails(int fd) {
  char order[32];
  if (!ordered(fd, order)) return 0;
  if (!strcmp(order, "slow-sync")) usleep(700 * 1000);
  return !strcmp(order, "failing-sync");
}

int fsync(int fd) {
  if (sync_fails(fd)) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
  if (sync_fails(fd)) { errno = EIO; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

static int write_fails(int fd) {
  char order[32];
  if (!ordered(fd, order)) return 0;
  if (!strcmp(order, "read-only")) { errno = EROFS; return 1; }
  if (!strcmp(order, "failing-write")) { errno = EIO; return 1; }
  return 0;
}

typedef ssize_t writes(int, const void *, size_t, off_t);

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  if (write_fails(fd)) return -1;
  return ((writes *)dlsym(RTLD_NEXT, "pwrite"))(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  if (write_fails(fd)) return -1;
  return ((writes *)dlsym(RTLD_NEXT, "pwrite64"))(fd, data, size, at);
}
"""


def _able(*argv: object) -> None:
    """Run something that not every machine allows; a visible skip, in CI a failure."""
    words = [str(word) for word in argv]
    needs(words[0])
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    why = f"{' '.join(words)}: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(f"{why}; CI runs as root, see .ci/run")
    pytest.skip(why)


@contextmanager
def memory_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A small disk that can really be filled and remounted."""
    folder.mkdir()
    _able("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


def fill(folder: Path, leave_bytes: int) -> Path:
    """A file that takes all the space but this; delete it to have the space back."""
    disk, filler = os.statvfs(folder), folder / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - leave_bytes)
    return filler


@contextmanager
def ext4_disk(folder: Path, image: Path) -> Iterator[Path]:
    """An ext4 in a file, which becomes read-only at its first error as on a point's card."""
    if not image.exists():
        with image.open("wb") as file:
            file.truncate(24 * 2**20)
        _able("mkfs.ext4", "-q", image)
    folder.mkdir(exist_ok=True)
    _able("mount", "-o", "loop,errors=remount-ro", image, folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def break_ext4(folder: Path) -> None:
    """The kernel's own way to make an ext4 see an error."""
    device = subprocess.check_output(["findmnt", "-no", "SOURCE", folder], text=True).strip()
    trigger = Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
    if not os.access(trigger, os.W_OK):
        pytest.skip(f"{trigger} cannot be written here")
    trigger.write_text("1")


class Teller:
    """A process with an outbox that answers each tap; its disk does what it is ordered."""

    def __init__(self, folder: Path, *, library: Path | None = None) -> None:
        self.order_file = folder.parent / "order"
        self.recorded: list[str] = []
        self.refused: list[str] = []
        extra = {"LD_PRELOAD": str(library)} if library else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.edge.store.teller", folder / "outbox.db"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **extra, "DISK_ORDER": str(self.order_file)},
        )  # fmt: skip

    def order(self, what: str) -> None:
        self.order_file.write_text(what)

    def ask(self, what: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def tap(self) -> str:
        answer, _, rest = self.ask("tap").partition(" ")
        fact_id, _, why = rest.partition(" ")
        {"recorded": self.recorded, "refused": self.refused}[answer].append(fact_id)
        return answer + (f" {why}" if why else "")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def failing_library(folder: Path) -> Path:
    """Compiled here; every call that it does not fail goes to the C library."""
    source, library = folder / "failing.c", folder / "failing.so"
    source.write_text(FAILING_C)
    subprocess.run(
        [
            needs("cc"),
            "-D_LARGEFILE64_SOURCE",
            "-shared",
            "-fPIC",
            "-w",
            "-o",
            library,
            source,
            "-ldl",
        ],
        check=True,
    )
    return library
