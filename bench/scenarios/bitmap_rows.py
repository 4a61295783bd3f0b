"""Bitmap commands over QMP, at sizes where the bitmap itself is the work: 64 KiB granules, 4 MiB of bits at 2 TiB, 128 MiB at 64 TiB."""

import os
import statistics

from nbdclient import NbdWriter
from programs import Daemon
from rows import GIB, TIB, Result, Row, file_options, timed

GRANULE = 65536
WORDS = {2: "2 TiB", 64: "64 TiB"}


def null_disk(size):
    return ["--blockdev", f"driver=null-co,node-name=space,size={size}"]


def add(daemon, node, name, **more):
    daemon.qmp.execute("block-dirty-bitmap-add", {"node": node, "name": name, **{"granularity": GRANULE, **more}})


def soil(daemon, size, dense):
    """Makes "source" dirty: all of it, or one GiB of every 64. A bitmap of coarse granules is soiled by small writes and merged into it."""
    add(daemon, "space", "coarse", granularity=(2 if dense else 1) * GIB)
    add(daemon, "space", "source", disabled=True)
    daemon.export("space")
    writer = NbdWriter(daemon.nbd_path, "space")
    for offset in range(0, size, (2 if dense else 64) * GIB):
        writer.write(offset, bytes(512))
    writer.close()
    merge(daemon, "space", "source", "coarse")
    daemon.qmp.execute("block-dirty-bitmap-remove", {"node": "space", "name": "coarse"})


def merge(daemon, node, target, source):
    daemon.qmp.execute("block-dirty-bitmap-merge", {"node": node, "target": target, "bitmaps": [source]})


def merge_row(tebibytes, dense, clears):
    def run(bench, side):
        size = tebibytes * TIB
        with Daemon(side, bench.folders["tmpfs"], null_disk(size)) as daemon:
            soil(daemon, size, dense)
            add(daemon, "space", "sum", disabled=True)
            merges, cleans = [], []
            for _ in range(5):
                merges.append(timed(lambda: merge(daemon, "space", "sum", "source")))
                cleans.append(timed(lambda: daemon.qmp.execute("block-dirty-bitmap-clear", {"node": "space", "name": "sum"})))
        return Result(statistics.median(cleans if clears else merges) * 1e3)

    verb = "clear" if clears else "merge"
    kind = "dense" if dense else "sparse"
    return Row(f"bitmap-{verb}-{tebibytes}t-{kind}", f"bitmap {verb}, {WORDS[tebibytes]}, {kind}", "ms", run, more_is_better=False,
               reach=4 if verb == "merge" and tebibytes == 64 else None)


def store_row(loads):
    def run(bench, side):
        size = 2 * TIB
        path = bench.path("tmpfs", "bitmaps.qcow2")
        if os.path.exists(path):
            os.unlink(path)
        bench.reference.image("create", "-f", "qcow2", path, str(size))
        disk = {"driver": "qcow2", "node-name": "disk", "file": {"driver": "file", "filename": path}}
        stores, opens = [], []
        with Daemon(side, bench.folders["tmpfs"], null_disk(size)) as daemon:
            soil(daemon, size, dense=False)
            daemon.qmp.execute("blockdev-add", disk)
            for number in range(8):
                add(daemon, "disk", f"b{number}", persistent=True)
                merge(daemon, "disk", f"b{number}", {"node": "space", "name": "source"})
            for _ in range(3):
                stores.append(timed(lambda: daemon.qmp.execute("blockdev-del", {"node-name": "disk"})))
                opens.append(timed(lambda: daemon.qmp.execute("blockdev-add", disk)))
        os.unlink(path)
        return Result(statistics.median(opens if loads else stores) * 1e3)

    verb = "load" if loads else "store"
    return Row(f"bitmap-{verb}-2t", f"{verb} 8 persistent bitmaps, 2 TiB qcow2", "ms", run, more_is_better=False, reach=2)


def build():
    rows = [merge_row(tebibytes, dense, clears) for clears in (False, True) for tebibytes in (2, 64) for dense in (True, False)]
    return rows + [store_row(loads=False), store_row(loads=True)]
