#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs in the sandbox of pwlog.service and tries what the program must be able to do there, and what it must not.
Prints `pass` or `fail` and the deed. Usage: probe.py PORT PID-OF-ANOTHER"""
import ctypes
import mmap
import os
import socket
import subprocess
import sys
import termios

LIBC = ctypes.CDLL(None, use_errno=True)
PORT, OTHER = sys.argv[1], int(sys.argv[2])


def system(name, *arguments):
    if getattr(LIBC, name)(*arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def write(path):
    with open(path, "a") as file:
        file.write("x")
    os.unlink(path)


def port():
    descriptor = os.open(PORT, os.O_RDWR | os.O_NOCTTY)
    termios.tcgetattr(descriptor)
    os.close(descriptor)


def suid():
    path = "/var/lib/pwlog/suid"
    open(path, "w").close()
    try:
        os.chmod(path, 0o4755)
    finally:
        os.unlink(path)


def unix_socket():
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("/run/pwlog/probe")
    os.unlink("/run/pwlog/probe")


def others():
    if any(name.isdigit() and os.stat("/proc/" + name).st_uid != os.geteuid() for name in os.listdir("/proc")):
        return
    raise OSError("none to be seen")


TIMEX = ctypes.create_string_buffer(512)  # struct timex; modes = 0 asks
SETTING = ctypes.create_string_buffer(512)
ctypes.c_uint.from_buffer(SETTING).value = 0x0004  # ADJ_MAXERROR
EPOCH = (ctypes.c_long * 2)(0, 0)
MUST = {
    "open its port": port,
    "ask the kernel about its clock": lambda: system("clock_adjtime", 0, TIMEX),
    "write the spool's folder": lambda: write("/var/lib/pwlog/probe"),
    "make its control socket": unix_socket,
    "read its configuration": lambda: open("/etc/pwlog/pwlog.toml").close(),
    "talk to a server": lambda: socket.create_connection(("127.0.0.1", 9200), 5).close(),
    "resolve a name": lambda: socket.getaddrinfo("localhost", 80),
}
MUST_NOT = {
    "write /etc": lambda: write("/etc/probe"),
    "write its configuration": lambda: write("/etc/pwlog/probe"),
    "write /usr": lambda: write("/usr/probe"),
    "write /var": lambda: write("/var/probe"),
    "look into /root": lambda: os.listdir("/root"),
    "run a program": lambda: subprocess.run(["/bin/true"], check=True),
    "run a shell": lambda: subprocess.run(["/bin/sh", "-c", ":"], check=True),
    "run what it wrote": lambda: subprocess.run(["/var/lib/pwlog/program"], check=True),
    "trace another process": lambda: system("ptrace", 16, OTHER, 0, 0),
    "see the processes of others": others,
    "set the clock": lambda: system("clock_settime", 0, EPOCH),
    "change the clock's state": lambda: system("clock_adjtime", 0, SETTING),
    "mount": lambda: system("mount", b"none", b"/tmp", b"tmpfs", 0, None),
    "make a namespace": lambda: system("unshare", 0x10000000),
    "become root": lambda: os.setuid(0),
    "set the host's name": lambda: socket.sethostname("probe"),
    "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "open a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "map memory to write and run": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC),
    "make a program that runs as its owner": suid,
    "run in real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "change the kernel's settings": lambda: open("/proc/sys/kernel/hostname", "w").close(),
}


def works(deed):
    try:
        deed()
        return "it works"
    except (OSError, ValueError, PermissionError) as error:
        return str(error)


FAILED = 0
for deeds, wanted in ((MUST, True), (MUST_NOT, False)):
    for name, deed in deeds.items():
        result = works(deed)
        right = (result == "it works") == wanted
        FAILED += not right
        print("%s sandbox: %s %s (%s)" % ("pass" if right else "fail", "must" if wanted else "must not", name, result), flush=True)
sys.exit(1 if FAILED else 0)
