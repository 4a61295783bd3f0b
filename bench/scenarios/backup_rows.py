"""Jobs over QMP, from the command to the job's end: backups in full and with a part of the disk dirty, mirrors, commits, streams."""

import os

from nbdclient import NbdWriter
from programs import Daemon
from rows import Result, Row, file_options, median_of, timed

GRANULE = 65536


def fresh(bench, medium, name):
    path = bench.path(medium, name)
    if os.path.exists(path):
        os.unlink(path)
    return path


def measure(daemon, bytes_copied, arguments, command="blockdev-backup"):
    def job():
        target = {} if command in ("block-commit", "block-stream") else {"target": "target"}
        daemon.qmp.execute(command, {"job-id": "job", "device": "disk", **target, **arguments})
        if command == "blockdev-mirror":
            daemon.qmp.wait("BLOCK_JOB_READY")
            daemon.qmp.execute("job-complete", {"id": "job"})
        outcome = daemon.qmp.wait("BLOCK_JOB_COMPLETED")
        if "error" in outcome:
            raise RuntimeError(f"{command}: {outcome['error']}")

    before = daemon.cpu_seconds()
    seconds = timed(job)
    cpu = daemon.cpu_seconds() - before
    return Result(bytes_copied / seconds / 1e6, cpu / (bytes_copied / 2**30) * 1e6)


def full_row(medium, format, direct, compress=False):
    def run(bench, side):
        source = bench.disk(medium, format)
        target = fresh(bench, medium, "backup.image")
        bench.reference.image("create", "-f", format, target, str(bench.size))
        bench.settle(medium)
        options = ["--blockdev", file_options(source, direct), "--blockdev", f"driver={format},node-name=disk,file=file",
                   "--blockdev", file_options(target, direct, "target-file"), "--blockdev", f"driver={format},node-name=target,file=target-file"]
        with Daemon(side, bench.folders["tmpfs"], options) as daemon:
            result = measure(daemon, bench.size, {"sync": "full", "compress": compress})
        os.unlink(target)
        return result

    place = f"{medium}{' O_DIRECT' if direct else ''}"
    kind = f"backup-full-{format}-{medium}{'-direct' if direct else ''}{'-compressed' if compress else ''}"
    return Row(kind, f"full backup, {format} to {format}{', compressed' if compress else ''}, {place}", "MB/s", run,
               reach=2, cpu_unit="µs/GiB")


def mirror_row(medium):
    """From the command to the moment at which the disk's users have moved to the target."""

    def run(bench, side):
        source = bench.disk(medium, "raw")
        target = fresh(bench, medium, "mirror.qcow2")
        bench.reference.image("create", "-f", "qcow2", target, str(bench.size))
        bench.settle(medium)
        options = ["--blockdev", file_options(source), "--blockdev", "driver=raw,node-name=disk,file=file",
                   "--blockdev", file_options(target, node="target-file"), "--blockdev", "driver=qcow2,node-name=target,file=target-file"]
        with Daemon(side, bench.folders["tmpfs"], options) as daemon:
            result = measure(daemon, bench.size, {"sync": "full"}, "blockdev-mirror")
        os.unlink(target)
        return result

    return Row(f"mirror-full-{medium}", f"full mirror and pivot, raw to qcow2, {medium}", "MB/s", run, cpu_unit="µs/GiB")


def chain_row(job, medium):
    """Three images of which the middle one has all the data: it goes down into the base, or up into the top."""

    def run(bench, side):
        names = [fresh(bench, medium, f"chain-{number}.qcow2") for number in range(3)]
        bench.reference.image("create", "-f", "qcow2", names[0], str(bench.size))
        bench.reference.image("convert", "-f", "raw", "-O", "qcow2", bench.disk(medium, "raw"), names[1])
        bench.reference.image("rebase", "-u", "-f", "qcow2", "-b", names[0], "-F", "qcow2", names[1])
        bench.reference.image("create", "-f", "qcow2", "-u", "-b", names[1], "-F", "qcow2", names[2], str(bench.size))
        bench.settle(medium)
        options, below = [], ""
        for name, node in zip(names, ("base", "middle", "disk")):
            options += ["--blockdev", file_options(name, node=f"{node}-file"),
                        "--blockdev", f"driver=qcow2,node-name={node},file={node}-file{below}"]
            below = f",backing={node}"
        with Daemon(side, bench.folders["tmpfs"], options) as daemon:
            arguments = {"top-node": "middle", "base-node": "base"} if job == "block-commit" else {"base-node": "base"}
            result = measure(daemon, bench.size, arguments, job)
        for name in names:
            os.unlink(name)
        return result

    return Row(f"{job[6:]}-{medium}", f"{job}, qcow2 to qcow2, {medium}", "MB/s", run, cpu_unit="µs/GiB")


def incremental_row(medium, percent):
    """The second increment of a daemon: the first one also warms up whatever is cold in the process."""

    def run(bench, side):
        source = bench.disk(medium, "raw")
        target = fresh(bench, medium, "increment.qcow2")
        bench.reference.image("create", "-f", "qcow2", target, str(bench.size))
        options = ["--blockdev", file_options(source), "--blockdev", "driver=raw,node-name=disk,file=file",
                   "--blockdev", file_options(target, node="target-file"), "--blockdev", "driver=qcow2,node-name=target,file=target-file"]
        step = 100 // percent
        with Daemon(side, bench.folders["tmpfs"], options) as daemon:
            daemon.qmp.execute("block-dirty-bitmap-add", {"node": "disk", "name": "changes", "granularity": GRANULE})
            daemon.export("disk")
            writer = NbdWriter(daemon.nbd_path, "disk")
            data = os.urandom(4096)
            granules = range(0, bench.size // GRANULE, step)
            for _ in range(2):
                for number in granules:
                    writer.write(number * GRANULE, data)
                bench.settle(medium)
                result = measure(daemon, len(granules) * GRANULE, {"sync": "incremental", "bitmap": "changes"})
            writer.close()
        os.unlink(target)
        return result

    return Row(f"backup-incremental-{percent}-{medium}", f"incremental backup, {percent} % dirty, raw to qcow2, {medium}", "MB/s", run,
               reach=2, cpu_unit="µs/GiB")


def first_job_row():
    """What the first job of a fresh process takes when there is next to nothing to copy."""

    def run(bench, side):
        source, target = (fresh(bench, "tmpfs", name) for name in ("small.raw", "small.copy"))
        for path in (source, target):
            with open(path, "wb") as file:
                file.truncate(GRANULE)
        options = ["--blockdev", file_options(source), "--blockdev", "driver=raw,node-name=disk,file=file",
                   "--blockdev", file_options(target, node="target-file"), "--blockdev", "driver=raw,node-name=target,file=target-file"]

        def once():
            with Daemon(side, bench.folders["tmpfs"], options) as daemon:
                return GRANULE / 1e3 / measure(daemon, GRANULE, {"sync": "full"}).value  # MB/s back to milliseconds

        return Result(median_of(5, once))

    return Row("start-first-job", "first backup of a fresh daemon, 64 KiB", "ms", run, more_is_better=False)


def build():
    rows = [full_row(medium, format, direct) for format in ("raw", "qcow2") for medium, direct in (("tmpfs", False), ("ext4", False), ("ext4", True))]
    rows += [incremental_row(medium, percent) for medium in ("tmpfs", "ext4") for percent in (1, 10)]
    rows += [mirror_row(medium) for medium in ("tmpfs", "ext4")]
    rows += [chain_row(job, medium) for job in ("block-commit", "block-stream") for medium in ("tmpfs", "ext4")]
    rows.append(full_row("tmpfs", "qcow2", False, compress=True))
    rows.append(first_job_row())
    return rows
