"""What a process costs by being there: its start, its memory."""

import os

from nbd_rows import fio, served
from programs import Daemon
from rows import GIB, MIB, TIB, Result, Row, median_of


def greeting(bench, side):
    def once():
        with Daemon(side, bench.folders["tmpfs"]) as daemon:
            return daemon.greeting_seconds * 1e3

    return Result(median_of(7, once))


def info(bench, side):
    path = bench.path("tmpfs", "small.qcow2")
    if not os.path.exists(path):
        bench.reference.image("create", "-f", "qcow2", path, str(GIB))
    return Result(median_of(11, lambda: side.image("info", path)[0] * 1e3))


def idle(bench, side):
    with Daemon(side, bench.folders["tmpfs"]) as daemon:
        return Result(daemon.resident_bytes() / MIB)


def resident(bench, side):
    """1 TiB of image with all of its tables there, read all over for a while."""
    path = bench.path("ext4", "wide.qcow2")
    if not os.path.exists(path):
        bench.reference.image("create", "-f", "qcow2", "-o", "preallocation=metadata", path, str(TIB))
    with served(bench, side, path, "qcow2") as daemon:
        fio(daemon.uri("disk"), "randrw", "4k", 16, seconds=bench.seconds * 2)
        return Result(daemon.resident_bytes() / MIB)


def build():
    return [
        Row("start-greeting", "daemon: start to greeting (under 60 ms)", "ms", greeting, more_is_better=False),
        Row("start-info", "qemu-img info", "ms", info, more_is_better=False, reach=0.17),
        Row("memory-idle", "daemon, idle: resident memory", "MiB", idle, more_is_better=False),
        Row("memory-1t", "daemon, 1 TiB qcow2 served, after random reads and writes: resident memory (under 100 MiB)", "MiB", resident, more_is_better=False),
    ]
