#!/usr/bin/env python3
"""An NBD client written from the protocol document alone, which speaks extended headers to the server at a unix socket.

    extended_nbd_client.py SOCKET EXPORT

Negotiates NBD_OPT_EXTENDED_HEADERS and contexts, then reads, writes, zeroes, trims, flushes, caches and asks for block status, with
64-bit lengths and with a payload that filters contexts. Everything that a server must answer in a certain way is checked; the first
deviation ends it with exit code 1 and a line on stderr. Section names are those of the document.
"""
import socket
import struct
import sys

OPTION_MAGIC = 0x49484156454F5054
REPLY_MAGIC = 0x0003E889045565A9
REQUEST_MAGIC = 0x21E41C71  # "Extended requests"
CHUNK_MAGIC = 0x6E8A278C  # "Extended replies"

OPT_ABORT, OPT_LIST, OPT_INFO, OPT_GO, OPT_STRUCTURED_REPLY = 2, 3, 6, 7, 8
OPT_LIST_META_CONTEXT, OPT_SET_META_CONTEXT, OPT_EXTENDED_HEADERS = 9, 10, 11
REP_ACK, REP_SERVER, REP_INFO, REP_META_CONTEXT = 1, 2, 3, 4
REP_ERR_EXT_HEADER_REQD = 0x8000000A
ERROR_BIT = 1 << 31
INFO_EXPORT, INFO_BLOCK_SIZE = 0, 3

READ, WRITE, DISC, FLUSH, TRIM, CACHE, WRITE_ZEROES, BLOCK_STATUS = range(8)
FLAG_FUA, FLAG_NO_HOLE, FLAG_REQ_ONE, FLAG_FAST_ZERO, FLAG_PAYLOAD_LEN = 1, 2, 8, 16, 32
DONE = 1
NONE, OFFSET_DATA, OFFSET_HOLE, STATUS, STATUS_EXT, ERROR, ERROR_OFFSET = 0, 1, 2, 5, 6, 0x8001, 0x8002
EINVAL, ENOSPC, EOVERFLOW = 22, 28, 75


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.cookie = 0
        self.contexts = {}

    def receive(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(min(count - len(data), 1 << 20))
            check(piece, "the server hung up")
            data += piece
        return data

    # "Newstyle negotiation"
    def greet(self):
        magic, option_magic, flags = struct.unpack(">8sQH", self.receive(18))
        check(magic == b"NBDMAGIC" and option_magic == OPTION_MAGIC, "it is a newstyle server")
        check(flags & 3 == 3, "it offers the fixed newstyle without zeroes")
        self.socket.sendall(struct.pack(">I", 3))

    def option(self, option, data=b""):
        self.socket.sendall(struct.pack(">QII", OPTION_MAGIC, option, len(data)) + data)
        replies = []
        while True:
            magic, echoed, kind, length = struct.unpack(">QIII", self.receive(20))
            check(magic == REPLY_MAGIC and echoed == option, "an option's reply belongs to it")
            replies.append((kind, self.receive(length)))
            if kind == REP_ACK or kind & ERROR_BIT:
                return replies

    def select(self, export, queries):
        data = struct.pack(">I", len(export)) + export + struct.pack(">I", len(queries))
        for query in queries:
            data += struct.pack(">I", len(query)) + query
        replies = self.option(OPT_SET_META_CONTEXT, data)
        check(replies[-1][0] == REP_ACK, "contexts can be selected under extended headers")
        for kind, body in replies[:-1]:
            check(kind == REP_META_CONTEXT, "what is selected is a context")
            self.contexts[body[4:]] = struct.unpack(">I", body[:4])[0]

    def go(self, export):
        replies = self.option(OPT_GO, struct.pack(">I", len(export)) + export + struct.pack(">HH", 1, INFO_BLOCK_SIZE))
        check(replies[-1] == (REP_ACK, b""), "the export is entered")
        for kind, body in replies[:-1]:
            check(kind == REP_INFO, "it tells of the export")
            if struct.unpack(">H", body[:2])[0] == INFO_EXPORT:
                self.size, self.flags = struct.unpack(">QH", body[2:])

    # "Extended request message"
    def send(self, kind, offset, length, flags=0, payload=b""):
        self.cookie += 1
        self.socket.sendall(struct.pack(">IHHQQQ", REQUEST_MAGIC, flags, kind, self.cookie, offset, length) + payload)
        return self.cookie

    # "Extended reply chunk message"
    def chunk(self, cookie, offset):
        magic, flags, kind, echoed, echoed_offset, length = struct.unpack(">IHHQQQ", self.receive(32))
        check(magic == CHUNK_MAGIC, "every reply has an extended header")
        check(echoed == cookie, "a reply has its request's cookie")
        check(echoed_offset == offset, "a reply has its request's offset")
        check(length <= 1 << 26, "a chunk is not huge")
        return flags, kind, self.receive(length)

    def chunks(self, cookie, offset):
        while True:
            flags, kind, body = self.chunk(cookie, offset)
            yield kind, body
            if flags & DONE:
                return

    def simple(self, kind, offset, length, flags=0, payload=b""):
        """The error of a request without data in its reply, 0 for none."""
        cookie = self.send(kind, offset, length, flags, payload)
        error = 0
        for got, body in self.chunks(cookie, offset):
            if got & 0x8000:
                error = struct.unpack(">I", body[:4])[0]
                check(struct.unpack(">H", body[4:6])[0] <= len(body) - 6, "an error's text fits its chunk")
            else:
                check(got == NONE and body == b"", "a reply without data is empty")
        return error

    def read(self, offset, length):
        data = bytearray(b"\xdb" * length)
        filled = bytearray(length)
        for kind, body in self.chunks(self.send(READ, offset, length), offset):
            if kind == OFFSET_DATA:
                at, piece = struct.unpack(">Q", body[:8])[0], body[8:]
            elif kind == OFFSET_HOLE:
                at, count = struct.unpack(">QI", body)
                piece = bytes(count)
            else:
                check(kind == NONE, f"a read is answered by data, not by chunk {kind}: {body!r}")
                continue
            check(len(piece) > 0 and offset <= at and at + len(piece) <= offset + length, "data lies within the request")
            check(not any(filled[at - offset : at - offset + len(piece)]), "no byte comes twice")
            data[at - offset : at - offset + len(piece)] = piece
            filled[at - offset : at - offset + len(piece)] = b"\1" * len(piece)
        check(all(filled), "every byte of a read comes")
        return bytes(data)

    def write(self, offset, data, flags=0):
        return self.simple(WRITE, offset, len(data), flags | FLAG_PAYLOAD_LEN, data)

    def status(self, offset, length, flags=0, contexts=None):
        """Extents by context id; contexts is the filter (NBD_CMD_FLAG_PAYLOAD_LEN), None for all selected."""
        if contexts is None:
            cookie = self.send(BLOCK_STATUS, offset, length, flags)
        else:
            payload = struct.pack(">Q", length) + b"".join(struct.pack(">I", c) for c in contexts)
            cookie = self.send(BLOCK_STATUS, offset, len(payload), flags | FLAG_PAYLOAD_LEN, payload)
        found = {}
        for kind, body in self.chunks(cookie, offset):
            if kind & 0x8000:
                return struct.unpack(">I", body[:4])[0]
            if kind == NONE:
                continue
            check(kind == STATUS_EXT, f"status under extended headers is the 64-bit chunk, not {kind}")
            context, count = struct.unpack(">II", body[:8])
            extents = [struct.unpack(">QQ", body[at : at + 16]) for at in range(8, len(body), 16)]
            check(count == len(extents) or count == 0, "a status chunk counts its extents")
            check(context not in found, "a context is told once")
            check(extents and all(extent[0] > 0 for extent in extents), "extents are not empty")
            if flags & FLAG_REQ_ONE:
                check(len(extents) == 1 and extents[0][0] <= length, "one extent was asked for, no longer than the request")
            check(sum(extent[0] for extent in extents[:-1]) < length, "only the last extent may go past the request")
            found[context] = extents
        return found


def check(condition, what):
    if not condition:
        raise SystemExit(f"deviation: {what}")


def negotiate(client, export):
    client.greet()
    check(client.option(OPT_EXTENDED_HEADERS, b"x")[-1][0] & ERROR_BIT, "extended headers take no data")
    check(client.option(OPT_EXTENDED_HEADERS) == [(REP_ACK, b"")], "extended headers are granted")
    check(client.option(OPT_STRUCTURED_REPLY)[-1][0] & ERROR_BIT, "structured replies are refused once headers are extended")
    names = [body[4 : 4 + struct.unpack(">I", body[:4])[0]] for kind, body in client.option(OPT_LIST) if kind == REP_SERVER]
    check(export in names, f"{export} is listed in {names}")
    client.select(export, [b"base:allocation", b"qemu:dirty-bitmap:b", b"nobody:knows"])
    check(set(client.contexts) == {b"base:allocation", b"qemu:dirty-bitmap:b"}, f"contexts: {client.contexts}")
    client.go(export)


def transmit(client):
    mega = 1 << 20
    size = client.size
    check(size > 5 << 32, "the disk is larger than 32 bits can say")
    pattern = bytes(range(256)) * 1024
    far = (4 << 32) + 12345
    check(client.write(far, pattern) == 0 and client.read(far, len(pattern)) == pattern, "what was written is read")
    check(client.write(far, b"fua!", FLAG_FUA) == 0 and client.read(far + 2, 4) == b"a!" + pattern[4:6], "FUA and odd offsets")
    check(client.write(0, b"y" * (2 * mega)) == 0 and client.read(mega, mega) == b"y" * mega, "a large write")

    # 64-bit lengths: effects of five GiB in one request
    check(client.simple(WRITE_ZEROES, 0, 5 << 30) == 0, "zeroes longer than 32 bits")
    check(client.read(mega, mega) == bytes(mega), "they are zeroes")
    check(client.simple(TRIM, 1 << 33, 5 << 30) == 0, "a trim longer than 32 bits")
    check(client.simple(CACHE, 0, mega) == 0 and client.simple(FLUSH, 0, 0) == 0, "cache and flush")
    check(client.simple(WRITE_ZEROES, far, 4096, FLAG_NO_HOLE) == 0 and client.read(far, 4096) == bytes(4096), "no hole")

    allocation, dirty = client.contexts[b"base:allocation"], client.contexts[b"qemu:dirty-bitmap:b"]
    both = client.status(0, size)
    check(set(both) == {allocation, dirty}, "status comes for both contexts")
    check(any(extent[0] > 1 << 32 for extent in both[allocation]), f"an extent is longer than 32 bits: {both[allocation]}")
    marked = extents_at(both[dirty], 1)
    check(any(start <= far < end for start, end in marked), f"the bitmap has the write: {marked}")
    check(any(start == 0 and end >= 5 << 30 for start, end in marked), f"the bitmap has the zeroes: {marked}")
    one = client.status(far & ~0xFFFF, 1 << 16, FLAG_REQ_ONE)
    check(one[allocation][0][1] & 1 == 0, "the written cluster is allocated")

    # "NBD_CMD_BLOCK_STATUS", payload: only these contexts
    check(set(client.status(0, size, contexts=[dirty])) == {dirty}, "a filter of one")
    check(set(client.status(0, size, contexts=[allocation, dirty])) == {allocation, dirty}, "a filter of both")
    check(client.status(0, size, contexts=[allocation, 12345]) == EINVAL, "a context that was not selected")
    check(client.status(0, size, contexts=[dirty, dirty]) == EINVAL, "a context twice")
    check(client.simple(BLOCK_STATUS, 0, 7, FLAG_PAYLOAD_LEN, b"\0" * 7) == EINVAL, "a payload that is too short")


def misbehave(client):
    size = client.size
    check(client.simple(READ, size, 512) == EINVAL, "a read behind the end")
    check(client.write(size - 1, b"xy") in (EINVAL, ENOSPC), "a write behind the end")
    check(client.simple(WRITE_ZEROES, size - 1, 1 << 40) in (EINVAL, ENOSPC), "zeroes behind the end")
    check(client.simple(TRIM, 1 << 62, 1 << 62) == EINVAL, "a range that wraps")
    check(client.simple(READ, 0, 1 << 33) in (EINVAL, EOVERFLOW), "a read that no reply can hold")
    check(client.simple(42, 0, 0) == EINVAL, "an unknown command")
    check(client.simple(TRIM, 0, 512, FLAG_PAYLOAD_LEN, b"p" * 512) == EINVAL, "a payload where none belongs is skipped")
    check(client.simple(FLUSH, 0, 0) == 0, "after all that the connection still works")


def pipeline(client):
    """Many requests at once: replies may come in any order, each once, chunks of several interleaved."""
    client.write(0, b"".join(bytes([i]) * 4096 for i in range(64)))
    waiting = {client.send(READ, i * 4096, 4096): i for i in range(64)}
    data = {i: b"" for i in range(64)}
    while waiting:
        magic, flags, kind, cookie, offset, length = struct.unpack(">IHHQQQ", client.receive(32))
        body = client.receive(length)
        check(magic == CHUNK_MAGIC and cookie in waiting, "a reply belongs to a request under way")
        i = waiting[cookie]
        check(offset == i * 4096, "it has its offset")
        data[i] += body[8:] if kind == OFFSET_DATA else bytes(struct.unpack(">QI", body)[1]) if kind == OFFSET_HOLE else b""
        if flags & DONE:
            del waiting[cookie]
    check(all(data[i] == bytes([i]) * 4096 for i in range(64)), "every read has its own data")


def extents_at(extents, bit):
    at, found = 0, []
    for length, status in extents:
        if status & bit:
            found.append((at, at + length))
        at += length
    return found


def main():
    client = Client(sys.argv[1])
    negotiate(client, sys.argv[2].encode())
    transmit(client)
    misbehave(client)
    pipeline(client)
    client.send(DISC, 0, 0)
    check(client.socket.recv(1) == b"", "the server hangs up after NBD_CMD_DISC")
    print("no deviation")


main()
