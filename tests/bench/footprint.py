#!/usr/bin/env python3
"""make bench-footprint: memory of accounts and connections, and the start with many messages.

    tests/bench/footprint.py [--disk DIR] [--messages N] [--large N] [--connections N]

Memory is PSS of the daemon (/proc/PID/smaps_rollup): what it would free if it ended. "cold" means that
the kernel's caches were dropped before, which takes root; the daemon's program is read again, too.
Nothing here passes or fails: a budget of DESIGN.md that is missed is marked.
"""

import argparse
import os
import resource
import signal
import socket
import ssl
import statistics
import sys
import threading
import time

import measure
from disk import Disk
from servers import PASSWORD, Surel

ACCOUNTS = 5
SETTLE_S = 5   # the store gives its read cache back within this time
LINGER_S = 82  # and the list of a mailbox that nobody has open, given back to the system, within this
ROUNDS = 3
SMALL = 2048


def pss_kib(server):
    with open(f"/proc/{server.process.pid}/smaps_rollup", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))


def settled_pss_kib(server, seconds=SETTLE_S):
    threading.Event().wait(seconds)
    return pss_kib(server)


def say(what, value, unit, budget=None):
    verdict = "" if budget is None else f"  budget {budget:g}: {'met' if value <= budget else 'MISSED'}"
    print(f"{what:66} {value:9.2f} {unit}{verdict}", flush=True)


class Idle:
    """A client that has a mailbox open and waits."""

    def __init__(self, server, user, context):
        self.socket = socket.create_connection(
            ("127.0.0.1", server.port("imaps" if context else "imap")), 30)
        if context:
            self.socket = context.wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.ask(f"l LOGIN {user} {PASSWORD}", b"l OK")
        self.ask("s SELECT INBOX", b"s OK")
        self.ask("i IDLE", b"+")
        # Python's own buffers are no business of the daemon's, but the client should be small, too.
        self.file.close()

    def ask(self, command, until):
        self.socket.sendall(command.encode() + b"\r\n")
        while True:
            line = self.file.readline()
            if line.startswith(until):
                return
            if not line or line.split(b" ")[1:2] in ([b"NO"], [b"BAD"]) or line.startswith(b"* BYE"):
                raise RuntimeError(f"{command}: {line!r}")

    def close(self):
        self.socket.close()


def measure_connections(server, count, context, budget):
    # One in each account first: the list of its messages is there once, for all its clients.
    first = [Idle(server, f"u{i}", context) for i in range(ACCOUNTS)]
    before = settled_pss_kib(server)
    clients = [Idle(server, f"u{i % ACCOUNTS}", context) for i in range(count)]
    grown = settled_pss_kib(server) - before
    kind = "with TLS" if context else "plain"
    say(f"each of {count} idle IMAP connections, {kind}", grown / count, "KiB", budget)
    for client in first + clients:
        client.close()
    say("  what stays after they have gone", settled_pss_kib(server, LINGER_S) - before, "KiB")


def measure_memory(args):
    disk = Disk(where=args.disk)
    server = None
    try:
        limit = str(4 * args.connections)
        server = Surel(disk, users=ACCOUNTS, settings=[
            ("net.connections", limit), ("net.per_address", limit), ("net.per_user", limit)])
        measure.run(server, "deliver", "lmtp", clients=ACCOUNTS, count=args.messages, size=SMALL,
                    seconds=100)
        say(f"after delivering {ACCOUNTS} x {args.messages} messages, idle", settled_pss_kib(server), "KiB")
        server.stop()
        server.start()
        say("after a restart, idle", settled_pss_kib(server), "KiB", 2048)
        measure.run(server, "poll", "imap", clients=ACCOUNTS, count=2)
        say("after every account was polled once, 5 s", settled_pss_kib(server), "KiB")
        say("  the same, idle", settled_pss_kib(server, LINGER_S), "KiB", 2048)
        measure_connections(server, args.connections, None, 4)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        measure_connections(server, args.connections, context, 28)
    finally:
        if server:
            server.stop()
        disk.close()


def start_ms(server, disk):
    """(milliseconds until `surel: ready`, True when nothing was cached)"""
    server.stop()
    is_cold = disk.forget_cache()
    started = time.monotonic()
    server.start()
    return (time.monotonic() - started) * 1e3, is_cold


def measure_large(args):
    disk = Disk(mib=3072, where=args.disk)
    server = None
    try:
        server = Surel(disk, users=1)
        empty = settled_pss_kib(server)
        measure.run(server, "deliver", "lmtp", clients=8, users=1, count=args.large // 8, size=SMALL,
                    seconds=100)
        starts, selects, opened = [], [], []
        for _ in range(ROUNDS):
            took, is_cold = start_ms(server, disk)
            starts.append(took)
            disk.forget_cache()
            selects.append(measure.run(server, "select", "imap", count=1).p50_ms)
            opened.append(pss_kib(server))
        warm = measure.run(server, "select", "imap", count=20)
        how = "cold" if is_cold else "WARM (not root)"
        count = f"{args.large // 8 * 8} messages"
        say(f"start until ready with {count}, {how}", statistics.median(starts), "ms", 200)
        say(f"SELECT of a mailbox of {count}, {how}", statistics.median(selects), "ms", 200)
        say("  the same, again", warm.p50_ms, "ms")
        grown = (statistics.median(opened) - empty) * 1024 / args.large
        say("memory, mailbox selected, beyond that of an empty store, each message", grown, "bytes", 40)
        grown = (settled_pss_kib(server, LINGER_S) - empty) * 1024 / args.large
        say("  the same, nobody connected", grown, "bytes")
    finally:
        if server:
            server.stop()
        disk.close()


def main():
    p = argparse.ArgumentParser(description="Surel's memory and start")
    p.add_argument("--messages", type=int, default=10000, help="in each of the five accounts")
    p.add_argument("--large", type=int, default=100000, help="in the large mailbox")
    p.add_argument("--connections", type=int, default=500)
    p.add_argument("--disk", help="directory for the image of the file system")
    args = p.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -19)
    except PermissionError:
        pass
    measure_memory(args)
    measure_large(args)


if __name__ == "__main__":
    main()
