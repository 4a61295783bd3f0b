"""A served disk under fio: random and sequential, raw and qcow2, in memory and on a file system, cached and direct, with bitmaps."""

import json
import os
import statistics
import subprocess

from programs import Daemon
from rows import GIB, MIB, Result, Row, file_options


def fio(uri, kind, block, depth, *more, seconds=None):
    """Runs fio's NBD engine. Returns (operations, seconds)."""
    command = ["fio", "--name=row", "--ioengine=nbd", f"--uri={uri}", f"--rw={kind}", f"--bs={block}", f"--iodepth={depth}",
               "--randrepeat=1", "--norandommap=1", "--output-format=json", *more]
    if seconds:
        command += ["--time_based=1", f"--runtime={int(seconds * 1000)}ms"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"fio: {(done.stderr or done.stdout).strip()[:300]}")
    job = json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
    if job["error"]:
        raise RuntimeError(f"fio ended with errno {job['error']}")
    way = job["read" if "read" in kind else "write"]
    return way["total_ios"], way["runtime"] / 1000


def served(bench, side, path, format, direct=False, bitmaps=0):
    daemon = Daemon(side, bench.folders["tmpfs"], ["--blockdev", file_options(path, direct), "--blockdev", f"driver={format},node-name=disk,file=file"])
    try:
        for number in range(bitmaps):
            daemon.qmp.execute("block-dirty-bitmap-add", {"node": "disk", "name": f"b{number}", "granularity": 65536})
        daemon.export("disk")
    except Exception:
        daemon.close()
        raise
    return daemon


def fio_row(name, about, medium, format, direct, kind, block, depth, bitmaps=0, reach=None, cpu_reach=None):
    def run(bench, side):
        path = bench.disk(medium, format)
        bench.settle(medium)
        with served(bench, side, path, format, direct, bitmaps) as daemon:
            uri = daemon.uri("disk")
            fio(uri, kind, block, depth, seconds=0.5)  # what is cold, becomes warm
            before = daemon.cpu_seconds()
            operations, seconds = fio(uri, kind, block, depth, seconds=bench.seconds)
            cpu = daemon.cpu_seconds() - before
        value = operations / seconds if block == "4k" else operations * MIB / seconds / 1e6
        return Result(value, cpu / operations * 1e6)

    return Row(name, about, "op/s" if block == "4k" else "MB/s", run, reach=reach, cpu_reach=cpu_reach)


def bitmap_cost_row(format):
    """How much more CPU a write costs the server with four recording bitmaps than without, both measured in turns."""

    def run(bench, side):
        path = bench.disk("tmpfs", format)
        costs = {0: [], 4: []}
        for turn in range(3):
            for count in (0, 4) if turn % 2 == 0 else (4, 0):
                costs[count].append(write_cost(bench, side, path, format, count))
        return Result((statistics.median(costs[4]) / statistics.median(costs[0]) - 1) * 100)

    return Row(f"bitmaps-cost-{format}", f"CPU that 4 recording bitmaps add to a 4 KiB write, {format}, tmpfs (under 3 %)", "%", run, compares=False)


def write_cost(bench, side, path, format, bitmaps):
    with served(bench, side, path, format, bitmaps=bitmaps) as daemon:
        fio(daemon.uri("disk"), "randwrite", "4k", 16, seconds=0.5)
        before = daemon.cpu_seconds()
        operations, _ = fio(daemon.uri("disk"), "randwrite", "4k", 16, seconds=bench.seconds)
        return (daemon.cpu_seconds() - before) / operations


def allocating_row(medium):
    def run(bench, side):
        path = bench.path(medium, "growing.qcow2")
        size = 256 * MIB
        if os.path.exists(path):
            os.unlink(path)
        bench.reference.image("create", "-f", "qcow2", path, str(64 * GIB))
        bench.settle(medium)
        with served(bench, side, path, "qcow2") as daemon:
            before = daemon.cpu_seconds()
            operations, seconds = fio(daemon.uri("disk"), "randwrite", "64k", 16, f"--io_size={size}", "--size=64g")
            cpu = daemon.cpu_seconds() - before
        os.unlink(path)
        return Result(operations * 65536 / seconds / 1e6, cpu / operations * 1e6)

    return Row(f"allocate-{medium}", f"qcow2, allocating 64 KiB random writes, depth 16, {medium}", "MB/s", run, reach=1.5)


def build():
    rows = []
    media = [("tmpfs", False, "tmpfs"), ("ext4", False, "ext4"), ("ext4", True, "ext4-direct")]
    words = {"tmpfs": "tmpfs", "ext4": "ext4 cached", "ext4-direct": "ext4 O_DIRECT"}
    for format in ("raw", "qcow2"):
        for medium, direct, place in media:
            for kind in ("randread", "randwrite"):
                for depth in (1, 16, 64):
                    reach = 1.2 if direct or depth == 1 else 2
                    rows.append(fio_row(f"nbd-{format}-{place}-{kind}-{depth}", f"NBD 4 KiB random {kind[4:]}, depth {depth}, {format}, {words[place]}",
                                        medium, format, direct, kind, "4k", depth, reach=reach, cpu_reach=None if direct else 3))
            for kind in ("read", "write"):
                rows.append(fio_row(f"nbd-{format}-{place}-seq{kind}", f"NBD 1 MiB sequential {kind}, depth 4, {format}, {words[place]}",
                                    medium, format, direct, kind, "1m", 4, reach=1.5))
    for format in ("raw", "qcow2"):
        for count in (0, 4):
            rows.append(fio_row(f"nbd-{format}-bitmaps-{count}", f"NBD 4 KiB random write, depth 16, {format}, tmpfs, {count} recording bitmaps",
                                "tmpfs", format, False, "randwrite", "4k", 16, bitmaps=count, reach=2))
    rows += [bitmap_cost_row("raw"), bitmap_cost_row("qcow2")]
    rows += [allocating_row("tmpfs"), allocating_row("ext4")]
    return rows
