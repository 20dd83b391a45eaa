#!/usr/bin/env python3
"""emulator.py PROGRAM ARGUMENT...: runs a big-endian program by qemu-mips, without netlink sockets.

QEMU before 8 hands nested netlink attributes to a big-endian program with their lengths in the wrong
byte order, and there the C library's getifaddrs() never ends. Without such sockets it says that there
is no list of addresses, which Surel can do without. A filter in the kernel refuses them; it stays when
another program takes this process over.
"""

import ctypes
import errno
import os
import socket
import sys

ALLOW, ERRNO, EQUAL = 0x7FFF0000, 0x00050000, 4  # of seccomp.h


class Comparison(ctypes.Structure):
    _fields_ = [("argument", ctypes.c_uint), ("operation", ctypes.c_int),
                ("value", ctypes.c_uint64), ("value_b", ctypes.c_uint64)]


def refuse_netlink():
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    is_netlink = (Comparison * 1)(Comparison(0, EQUAL, socket.AF_NETLINK, 0))
    call = library.seccomp_syscall_resolve_name(b"socket")
    failed = library.seccomp_rule_add_array(rules, ctypes.c_uint32(ERRNO | errno.EAFNOSUPPORT), call, 1, is_netlink)
    if failed or library.seccomp_load(rules):
        sys.exit("emulator: the kernel takes no filter of system calls")


refuse_netlink()
os.execvp("qemu-mips-static", ["qemu-mips-static"] + sys.argv[1:])
