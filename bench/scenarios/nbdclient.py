"""An NBD client that writes: it makes things dirty. Reading and measuring are fio's."""

import socket
import struct

OPTION_MAGIC = 0x49484156454F5054
REPLY_MAGIC = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
OPTION_EXPORT_NAME = 1
COMMAND_WRITE, COMMAND_DISCONNECT = 1, 2
DEPTH = 32


class NbdWriter:
    def __init__(self, path, export):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(120)
        self.socket.connect(path)
        assert self._take(8) == b"NBDMAGIC" and self._take(8) == b"IHAVEOPT"
        flags = struct.unpack(">H", self._take(2))[0]
        self.socket.sendall(struct.pack(">I", flags & 3))
        name = export.encode()
        self.socket.sendall(struct.pack(">QII", OPTION_MAGIC, OPTION_EXPORT_NAME, len(name)) + name)
        self.size = struct.unpack(">QH", self._take(10))[0]
        if not flags & 2:
            self._take(124)
        self.waiting = 0

    def _take(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise RuntimeError("the NBD server closed the connection")
            data += part
        return data

    def _reply(self):
        _, error, _ = struct.unpack(">IIQ", self._take(16))
        self.waiting -= 1
        if error:
            raise RuntimeError(f"the NBD server answered errno {error}")

    def write(self, offset, data):
        self.socket.sendall(struct.pack(">IHHQQI", REQUEST_MAGIC, 0, COMMAND_WRITE, 0, offset, len(data)) + data)
        self.waiting += 1
        while self.waiting >= DEPTH:
            self._reply()

    def close(self):
        while self.waiting:
            self._reply()
        self.socket.sendall(struct.pack(">IHHQQI", REQUEST_MAGIC, 0, COMMAND_DISCONNECT, 0, 0, 0))
        self.socket.close()
