"""What a row of the report is, and the list of them all."""

import mmap
import os
import random
import shutil
import statistics
import time

MIB = 1 << 20
GIB = 1 << 30
TIB = 1 << 40


class Result:
    """One turn of one side: `value` in the row's unit, CPU of the server (or tool) per operation in microseconds, or None."""

    def __init__(self, value, cpu=None):
        self.value = value
        self.cpu = cpu


class Row:
    """A workload. `run(bench, side)` gives a Result. `more_is_better` tells which way the ratio goes; `reach` is what we aim at."""

    def __init__(self, name, about, unit, run, more_is_better=True, reach=None, cpu_unit="µs/op", cpu_reach=None, compares=True):
        self.name, self.about, self.unit, self.run = name, about, unit, run
        self.more_is_better, self.reach = more_is_better, reach
        self.cpu_unit, self.cpu_reach = cpu_unit, cpu_reach
        self.compares = compares  # whether a ratio of the two sides' figures means anything


class Bench:
    """The folders and disks that the rows share."""

    def __init__(self, disk_folder, memory_folder, size, seconds):
        self.folders = {"ext4": disk_folder, "tmpfs": memory_folder}
        self.size, self.seconds = size, seconds
        self.made = {}
        for folder in self.folders.values():
            os.makedirs(folder, exist_ok=True)

    def path(self, medium, name):
        return os.path.join(self.folders[medium], name)

    def disk(self, medium, format):
        """A fully allocated disk of `size` bytes of random data, made once; a qcow2 one by the reference's tool."""
        key = (medium, format)
        if key not in self.made:
            raw = self.path(medium, "disk.raw")
            if (medium, "raw") not in self.made:
                fill(raw, self.size)
                self.made[(medium, "raw")] = raw
            if format == "qcow2":
                self.made[key] = self.path(medium, "disk.qcow2")
                self.reference.image("convert", "-f", "raw", "-O", "qcow2", raw, self.made[key])
        return self.made[key]

    def settle(self, medium):
        """
        Lets what earlier turns left to write reach the device, and has the memory there that files will take: a virtual machine
        whose host takes free pages back pays for the first touch of each, and the side that comes first would pay it for both.
        """
        if medium == "ext4":
            os.sync()
        mmap.mmap(-1, 2 * self.size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()

    def remove(self):
        for folder in self.folders.values():
            shutil.rmtree(folder, ignore_errors=True)


def fill(path, size):
    """Data without a zero block, the same in every run."""
    chance = random.Random(7)
    block = chance.randbytes(4 * MIB)
    with open(path, "wb") as file:
        for offset in range(0, size, len(block)):
            file.write(offset.to_bytes(8, "big") + block[8:])


def file_options(path, direct=False, node="file"):
    """The options of a protocol node; the reference at its best where the page cache is left out."""
    return f"driver=file,node-name={node},filename={path}" + (",cache.direct=on,aio=io_uring" if direct else "")


def median_of(count, measure):
    return statistics.median(measure() for _ in range(count))


def timed(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started
