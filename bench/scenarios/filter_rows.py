"""Disks behind filters over NBD: throttled with limits that are never met, and fleeced while they are written and read."""

import os

from nbd_rows import fio
from programs import Daemon
from rows import MIB, Result, Row, file_options

THROTTLE = ["--object", "throttle-group,id=group,limits.iops-total=100000000,limits.bps-total=1000000000000"]


def throttled_row(kind, depth):
    """What the filter costs: its limits are far away."""

    def run(bench, side):
        options = ["--blockdev", file_options(bench.disk("tmpfs", "raw")), "--blockdev", "driver=raw,node-name=bare,file=file",
                   *THROTTLE, "--blockdev", "driver=throttle,node-name=disk,file=bare,throttle-group=group"]
        with Daemon(side, bench.folders["tmpfs"], options) as daemon:
            daemon.export("disk")
            fio(daemon.uri("disk"), kind, "4k", depth, seconds=0.5)
            before = daemon.cpu_seconds()
            operations, seconds = fio(daemon.uri("disk"), kind, "4k", depth, seconds=bench.seconds)
            cpu = daemon.cpu_seconds() - before
        return Result(operations / seconds, cpu / operations * 1e6)

    return Row(f"throttle-{kind}-{depth}", f"NBD 4 KiB random {kind[4:]}, depth {depth}, raw behind throttle, tmpfs", "op/s", run)


class Fleeced:
    """A raw disk with a copy-before-write filter, its scratch image, and the past of it as another export."""

    def __init__(self, bench, side):
        self.scratch = bench.path("tmpfs", "scratch.qcow2")
        bench.reference.image("create", "-f", "qcow2", self.scratch, str(bench.size))
        self.daemon = Daemon(side, bench.folders["tmpfs"], [
            "--blockdev", file_options(bench.disk("tmpfs", "raw")), "--blockdev", "driver=raw,node-name=bare,file=file",
            "--blockdev", file_options(self.scratch, node="scratch-file"), "--blockdev", "driver=qcow2,node-name=scratch,file=scratch-file",
            "--blockdev", "driver=copy-before-write,node-name=disk,file=bare,target=scratch",
            "--blockdev", "driver=snapshot-access,node-name=past,file=disk"])
        self.daemon.export("disk")
        self.daemon.export("past", writable=False)

    def __enter__(self):
        return self.daemon

    def __exit__(self, *failure):
        self.daemon.__exit__(*failure)
        os.unlink(self.scratch)


def fleeced_row(name, about, export, kind, block, depth, *more):
    def run(bench, side):
        with Fleeced(bench, side) as daemon:
            before = daemon.cpu_seconds()
            operations, seconds = fio(daemon.uri(export), kind, block, depth, *more)
            cpu = daemon.cpu_seconds() - before
        return Result(operations * (MIB if block == "1m" else 65536) / seconds / 1e6, cpu / operations * 1e6)

    return Row(name, about, "MB/s", run)


def build():
    return [
        throttled_row("randread", 1),
        throttled_row("randread", 16),
        throttled_row("randwrite", 16),
        fleeced_row("fleecing-write", "64 KiB random writes, depth 16, each saved first by copy-before-write, tmpfs", "disk",
                    "randwrite", "64k", 16, f"--io_size={256 * MIB}"),
        fleeced_row("fleecing-read", "1 MiB sequential read of a snapshot-access export, depth 4, tmpfs", "past",
                    "read", "1m", 4, f"--io_size={1024 * MIB}"),
    ]
