"""qemu-img convert, raw to qcow2 and back, and compressed."""

import os

from rows import Result, Row


def convert_row(medium, source_format, target_format, *options):
    def run(bench, side):
        source = bench.disk(medium, source_format)
        target = bench.path(medium, f"converted.{target_format}")
        bench.settle(medium)
        seconds, cpu, _ = side.image("convert", *options, "-f", source_format, "-O", target_format, source, target)
        os.unlink(target)
        return Result(bench.size / seconds / 1e6, cpu / (bench.size / 2**30) * 1e6)

    kind = "-".join(["convert", *(["compressed"] if options else []), source_format, target_format, medium])
    return Row(kind, f"convert {' '.join(options)}{' ' if options else ''}{source_format} to {target_format}, {medium}", "MB/s", run,
               reach=2 if options else 1.1, cpu_unit="µs/GiB")


def build():
    rows = [convert_row(medium, *formats) for medium in ("tmpfs", "ext4") for formats in (("raw", "qcow2"), ("qcow2", "raw"))]
    return rows + [convert_row("tmpfs", "raw", "qcow2", "-c")]
