#!/usr/bin/env python3
"""Starts a program as systemd does for a socket unit: activate.py SOCKET PROGRAM ARGUMENT...

The program gets the listening unix socket as descriptor 3 and is told so by LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
"""
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX)
# It appears under its name only when it listens: who finds it can connect.
listener.bind(sys.argv[1] + ".new")
listener.listen(16)
os.rename(sys.argv[1] + ".new", sys.argv[1])
if listener.fileno() == 3:
    os.set_inheritable(3, True)
else:
    os.dup2(listener.fileno(), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="nbd")
os.execvp(sys.argv[2], sys.argv[2:])
