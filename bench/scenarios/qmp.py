"""A QMP client: enough for a benchmark."""

import json
import socket
import time


class Qmp:
    def __init__(self, path, process, seconds=20):
        deadline = time.monotonic() + seconds
        while not self._greet(path):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the daemon gives no greeting")
            time.sleep(0.0005)
        self.events = []
        self.execute("qmp_capabilities")

    def _greet(self, path):
        """Connects and reads the greeting; whoever comes before the monitor is there may be sent away without one."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        try:
            self.socket.connect(path)
            self.file = self.socket.makefile("rb")
            self.greeting = json.loads(self.file.readline() or "null")
        except OSError:
            self.greeting = None
        if not self.greeting:
            self.socket.close()
        return bool(self.greeting)

    def execute(self, command, arguments=None):
        """The command's return value; raises with the error's text. Events that come meanwhile are kept."""
        request = {"execute": command, **({"arguments": arguments} if arguments is not None else {})}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            message = self._next()
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{command}: {message['error']['desc']}")
            elif "return" in message:
                return message["return"]

    def wait(self, event):
        """The data of the first event of that name, from those kept or to come."""
        while True:
            for index, message in enumerate(self.events):
                if message["event"] == event:
                    del self.events[index]
                    return message.get("data", {})
            self.events.append(self._next())

    def _next(self):
        line = self.file.readline()
        if not line:
            raise RuntimeError("the daemon closed its monitor")
        return json.loads(line)

    def close(self):
        self.file.close()
        self.socket.close()
