#!/usr/bin/env python3
"""Starts a program as systemd does for a socket unit: activate.py SOCKET PROGRAM ARGUMENT...

The program gets the listening unix socket as descriptor 3 and is told so by LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES.
"""
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(16)
os.dup2(listener.fileno(), 3, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="nbd")
os.execvp(sys.argv[2], sys.argv[2:])
