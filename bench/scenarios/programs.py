"""The two sides of a measurement, and a storage daemon of either as a process to be watched."""

import os
import resource
import subprocess
import time

from qmp import Qmp


class Side:
    """Where one side's qemu-img and qemu-storage-daemon are."""

    def __init__(self, name, folder):
        self.name = name
        self.image_tool = os.path.join(folder, "qemu-img") if folder else "qemu-img"
        self.daemon = os.path.join(folder, "qemu-storage-daemon") if folder else "qemu-storage-daemon"

    def image(self, *arguments):
        """Runs qemu-img. Returns (seconds, cpu seconds, output)."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = subprocess.run([self.image_tool, *arguments], capture_output=True, text=True, timeout=300)
        seconds = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(done.args)}: {done.stderr.strip() or done.stdout.strip()}")
        return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


class Daemon:
    """One storage daemon with a monitor and an NBD server on unix sockets in `folder`."""

    def __init__(self, side, folder, options=()):
        self.monitor_path = os.path.join(folder, "qmp.sock")
        self.nbd_path = os.path.join(folder, "nbd.sock")
        for path in (self.monitor_path, self.nbd_path):
            if os.path.exists(path):
                os.unlink(path)
        self.log = open(os.path.join(folder, f"{side.name}.log"), "w+")
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [side.daemon, *options,
             "--chardev", f"socket,path={self.monitor_path},server=on,wait=off,id=monitor", "--monitor", "chardev=monitor",
             "--nbd-server", f"addr.type=unix,addr.path={self.nbd_path}"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        try:
            self.qmp = Qmp(self.monitor_path, self.process)
        except Exception as failure:
            self.close()
            self.log.seek(0)
            raise RuntimeError(f"{side.daemon} did not start: {self.log.read().strip() or failure}") from failure
        self.greeting_seconds = time.monotonic() - self.started

    def export(self, node, bitmaps=(), writable=True):
        self.qmp.execute("block-export-add", {"type": "nbd", "id": f"export-{node}", "node-name": node, "name": node, "writable": writable,
                                              **({"bitmaps": list(bitmaps)} if bitmaps else {})})

    def uri(self, node):
        return f"nbd+unix:///{node}?socket={self.nbd_path}"

    def cpu_seconds(self):
        """What the process has used so far, in user and system mode, all threads, those that ended too (/proc/PID/stat, but in nanoseconds)."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def close(self):
        """Ends the daemon, politely first."""
        if self.process.poll() is None and hasattr(self, "qmp"):
            try:
                self.qmp.execute("quit")
                self.process.wait(30)
            except Exception:  # whatever state it is in, it must go
                pass
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if hasattr(self, "qmp"):
            self.qmp.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()
        self.log.close()
