#!/usr/bin/env python3
"""make bench: Surel beside Dovecot, the same loads in the same run, on the same disk, equally durable.

    tests/bench/bench.py [--seconds N] [--rounds N] [--only TEXT] [--json FILE] [--disk DIR]

Each pass starts one server with a new, empty store, runs all loads, and removes it; the servers take
turns, and what is printed is the median of the rounds. --seconds (BENCH_SECONDS) bounds the whole run.
--disk DIR puts the image of the file system there; otherwise it lies in memory, where there is room,
so that the rates are the servers' and not the disk's.

Surel runs with its defaults. Dovecot runs with sdbox and mdbox, once with mail_fsync=optimized (its
default: mail is synced before it says OK, flags are not) and once with mail_fsync=always (all is).
A load is compared with those that promise as much as Surel does:
    delivery, APPEND                     both (mail is on the disk at OK)
    flags (Surel: on disk within 5 s)    optimized
    flags, synced (store.flag_delay_ms=0), expunge   always
    reading                              always: nothing to sync but the index
The last load delivers into the space that POP3 has emptied, as a store does that has lived for a while.
As root everything runs at a high priority, or else the server that has more processes gets more of a
machine that is busy with something else.

Nothing here passes or fails: a budget that is missed is marked and the status is 0.
"""

import argparse
import json
import os
import signal
import statistics
import sys
import time

import measure
from disk import Disk
from servers import Dovecot, Surel

FIELDS = ("UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date "
          "Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)]")
ENVELOPE = "UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE"
FLAG_DELAY_S = 5.5
LOAD_SECONDS = 30  # a load ends after this time, done or not
TARGET = 3         # times Dovecot, for the loads that have a budget


class Load:
    def __init__(self, name, kind, service, against, budget=None, writes=False, **options):
        self.name, self.kind, self.service, self.against = name, kind, service, against
        self.budget, self.writes, self.options = budget, writes, options


OPTIMIZED, ALWAYS = ("sdbox optimized", "mdbox optimized"), ("sdbox always", "mdbox always")
ALL = OPTIMIZED + ALWAYS
PEERS = ("sdbox always", "mdbox always", "sdbox optimized", "mdbox optimized")

# u0: one large mailbox. u1-u8: eight clients at a time. u9: small mail, expunged again.
LOADS = [
    Load("delivery 4 KiB c=1", "deliver", "lmtp", ALL, TARGET, True, first=9, count=300, size=4096),
    Load("delivery 4 KiB c=1 isolated", "deliver", "lmtp", ALL, None, True, first=9, count=60,
         size=4096, isolated=True),
    Load("delivery 4 KiB c=8", "deliver", "lmtp", ALL, TARGET, True, first=1, clients=8, count=50,
         size=4096),
    Load("delivery mixed c=1", "deliver", "lmtp", ALL, TARGET, True, first=0, count=2000),
    Load("delivery mixed c=8", "deliver", "lmtp", ALL, TARGET, True, first=1, clients=8, count=200),
    Load("APPEND mixed c=1", "append", "imap", ALL, None, True, first=9, count=200, box="Copies"),
    Load("APPEND mixed c=8", "append", "imap", ALL, None, True, first=1, clients=8, count=50,
         box="Copies"),
    Load("first sync, envelope c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=1, items=ENVELOPE),
    Load("first sync, header fields c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=1, items=FIELDS),
    Load("first sync, structure c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=1, items="UID BODYSTRUCTURE"),
    Load("bodies c=8", "fetch", "imap", ALWAYS, None, True, first=1, clients=8, count=2,
         items="UID BODY.PEEK[]"),
    Load("second sync, envelope c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=10, items=ENVELOPE),
    Load("second sync, header fields c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=10, items=FIELDS),
    Load("second sync, flags c=8", "fetch", "imap", ALWAYS, TARGET, True, first=1, clients=8,
         count=20, items="UID FLAGS"),
    Load("poll (login, SELECT, flags) c=1", "poll", "imap", ALWAYS, None, True, first=1, count=30),
    Load("login c=1", "login", "imap", ALWAYS, None, False, first=1, count=30),
    Load("login c=8", "login", "imap", ALWAYS, None, False, first=1, clients=8, count=10),
    Load("SEARCH UNSEEN in 2000", "search", "imap", ALWAYS, TARGET, False, first=0, count=100,
         key="UNSEEN"),
    Load("SEARCH SUBJECT in 2000", "search", "imap", ALWAYS, TARGET, False, first=0, count=20,
         key="SUBJECT lighthouse"),
    Load("SEARCH TEXT in 2000", "search", "imap", ALWAYS, TARGET, False, first=0, count=4,
         key="TEXT lighthouse"),
    Load("flags c=1", "flags", "imap", OPTIMIZED, TARGET, True, first=0, count=2000, items="Late",
         settle=True),
    Load("flags c=8", "flags", "imap", OPTIMIZED, TARGET, True, first=1, clients=8, count=500,
         items="Late", settle=True),
    Load("flags, synced c=1", "flags", "imap", ALWAYS, TARGET, True, first=0, count=1000,
         items="Synced"),
    Load("flags, synced c=1 isolated", "flags", "imap", ALWAYS, None, True, first=0, count=60,
         items="Alone", isolated=True),
    Load("flags, synced c=8", "flags", "imap", ALWAYS, TARGET, True, first=1, clients=8, count=200,
         items="Synced"),
    Load("delete + EXPUNGE c=1", "expunge", "imap", ALWAYS, None, True, first=9, count=150),
    Load("delete + EXPUNGE c=1 isolated", "expunge", "imap", ALWAYS, None, True, first=9, count=50,
         isolated=True),
    Load("POP3 RETR + DELE c=8", "pop3", "pop3", ALWAYS, TARGET, True, first=1, clients=8,
         count=100000),
    Load("delivery 4 KiB c=1, used space", "deliver", "lmtp", ALL, TARGET, True, first=1, count=300,
         size=4096),
]

FLUSH = 1.05  # one for each, and those of beginning a new segment now and then

# What DESIGN.md promises in absolute figures: (load, figure, limit, unit).
BUDGETS = [
    ("delivery 4 KiB c=1", "kib", 6, "KiB written (in a new store: zeroes, then mail)"),
    ("delivery 4 KiB c=1, used space", "kib", 6, "KiB written"),
    ("delivery 4 KiB c=1", "flushes", FLUSH, "flushes"),
    ("delivery 4 KiB c=8", "flushes", FLUSH, "flushes"),
    ("flags, synced c=1", "kib", 4.5, "KiB written"),
    ("flags, synced c=1", "flushes", FLUSH, "flushes"),
    ("flags c=1", "kib", 4.5, "KiB written"),
    ("flags c=1", "flushes", 1, "flushes"),
    ("first sync, envelope c=8", "kib", 0, "KiB written"),
    ("first sync, header fields c=8", "kib", 0, "KiB written"),
    ("first sync, structure c=8", "kib", 0, "KiB written"),
    ("poll (login, SELECT, flags) c=1", "kib", 0, "KiB written"),
]


class Bench:
    def __init__(self, args):
        self.args = args
        self.deadline = time.monotonic() + args.seconds
        self.scale = min(1, args.seconds / 500)
        self.results = {}  # (load name, server name) -> [Result]
        self.why_no_device = None

    def loads_for(self, name):
        is_surel = name == "surel"
        return [load for load in LOADS if self.args.only in load.name and
                (is_surel or name in load.against)]

    def run_load(self, load, server):
        left = self.deadline - time.monotonic()
        if left < 1:
            return
        options = dict(load.options)
        settle = options.pop("settle", False) and isinstance(server, Surel)
        if options["count"] > 1:
            options["count"] = max(2, int(options["count"] * self.scale))
        result = measure.run(server, load.kind, load.service, FLAG_DELAY_S if settle else 0,
                             seconds=min(LOAD_SECONDS, left), **options)
        self.results.setdefault((load.name, server.name), []).append(result)

    def fill(self, server, loads):
        """What the chosen loads read must be there, chosen or not."""
        if not self.args.only:
            return
        for name in ("delivery 4 KiB c=1", "delivery mixed c=1", "delivery mixed c=8"):
            if not any(load.name == name for load in loads):
                options = next(load.options for load in LOADS if load.name == name)
                measure.run(server, "deliver", "lmtp", **options)

    def run_pass(self, name):
        disk = Disk(where=self.args.disk)
        self.why_no_device = disk.why
        server = None
        try:
            server = Surel(disk) if name == "surel" else Dovecot(disk, *name.split())
            loads = self.loads_for(name)
            self.fill(server, loads)
            for load in loads:
                if name == "surel":
                    self.set_flag_delay(server, 0 if "synced" in load.name else 5000)
                self.run_load(load, server)
        finally:
            if server:
                server.stop()
            disk.close()

    @staticmethod
    def set_flag_delay(server, milliseconds):
        if getattr(server, "flag_delay", 5000) == milliseconds:
            return
        server.tool("set", "store.flag_delay_ms", str(milliseconds))
        server.stop()
        server.start()
        server.flag_delay = milliseconds

    def run(self, servers):
        for number in range(self.args.rounds):
            for name in servers:
                started = time.monotonic()
                if started + 5 > self.deadline or (number and started + self.last_took > self.deadline):
                    return number
                print(f"round {number + 1}: {name} ... ", end="", file=sys.stderr, flush=True)
                self.run_pass(name)
                self.last_took = time.monotonic() - started
                print(f"{self.last_took:.0f} s", file=sys.stderr)
        return self.args.rounds

    # --- what is printed ------------------------------------------------------------------------

    def figure(self, load, server, name):
        results = self.results.get((load, server))
        return statistics.median(getattr(r, name) for r in results) if results else None

    def rows(self, load):
        """(unit, figure, is more better)"""
        rows = [("/s", "rate", True), ("CPU us", "cpu_us", False), ("p50 ms", "p50_ms", False),
                ("p99 ms", "p99_ms", False)]
        if load.kind == "fetch":
            rows = rows[:2]
        if load.writes and not self.why_no_device:
            rows += [("KiB", "kib", False), ("flushes", "flushes", False)]
        return rows

    def print_table(self, servers):
        peers = [s for s in PEERS if s in servers]
        print(f"\n{'':33} {'for each':8}{'Surel':>10}" + "".join(f"{p:>17}" for p in peers) +
              f"{'times better':>15}")
        for load in LOADS:
            if not self.results.get((load.name, "surel")):
                continue
            name = load.name
            for unit, figure, more_is_better in self.rows(load):
                mine = self.figure(name, "surel", figure)
                theirs = [self.figure(name, p, figure) for p in peers]
                best = (max if more_is_better else min)(
                    (t for t in theirs if t is not None), default=None)
                print(f"{name:33} {unit:8}{shown(mine):>10}" +
                      "".join(f"{shown(t):>17}" for t in theirs) +
                      self.ratio(load, figure, mine, best, more_is_better))
                name_was, name = name, ""
                name, load_name = name_was, name
            print()

    @staticmethod
    def ratio(load, figure, mine, best, more_is_better):
        if best is None or not mine or not best:
            return ""
        ratio = mine / best if more_is_better else best / mine
        mark = " <" if load.budget and figure in ("rate", "cpu_us") and ratio < load.budget else "  "
        return f"{ratio:13.2f}{mark}"

    def print_budgets(self):
        print("Budgets")
        for load, figure, limit, unit in BUDGETS:
            value = self.figure(load, "surel", figure)
            if value is not None and not self.why_no_device:
                print(f"  {'met   ' if value <= limit else 'MISSED'} {load}: {value:.2f} {unit}, "
                      f"budget {limit:.2f}")
        for load in LOADS:
            peers = [p for p in load.against if self.results.get((load.name, p))]
            if not load.budget or not peers or not self.results.get((load.name, "surel")):
                continue
            rate = self.figure(load.name, "surel", "rate") / max(
                self.figure(load.name, p, "rate") for p in peers)
            cpu = min(self.figure(load.name, p, "cpu_us") for p in peers) / self.figure(
                load.name, "surel", "cpu_us")
            print(f"  {'met   ' if rate >= load.budget else 'MISSED'} {load.name}: {rate:.1f} times "
                  f"Dovecot ({cpu:.1f} times by processor time), budget {load.budget}")

    def print_hits(self):
        for load in (load for load in LOADS if load.kind == "search"):
            found = {server: r[0].hits for (name, server), r in self.results.items() if name == load.name}
            if len(set(found.values())) > 1:
                print(f"  {load.name}: the servers found different numbers of messages: {found}")

    def save(self, path):
        with open(path, "w", encoding="ascii") as f:
            json.dump({f"{load} | {server}": [vars(r) for r in results]
                       for (load, server), results in self.results.items()}, f, indent=1)


def shown(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def options():
    p = argparse.ArgumentParser(description="Surel beside Dovecot")
    p.add_argument("--seconds", type=float, default=float(os.environ.get("BENCH_SECONDS") or 540))
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--only", default="", help="loads whose name contains this")
    p.add_argument("--servers", default="", help="comma-separated: surel,sdbox always,...")
    p.add_argument("--disk", help="directory for the image of the file system")
    p.add_argument("--json", help="file for every figure of every round")
    return p.parse_args()


def main():
    args = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    servers = args.servers.split(",") if args.servers else ["surel", *PEERS]
    if not Dovecot.is_there():
        print("Dovecot is not installed here (dovecot-imapd, dovecot-pop3d, dovecot-lmtpd): "
              "only Surel is measured.")
        servers = ["surel"]
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -19)
    except PermissionError:
        pass
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start", file=sys.stderr)
    bench = Bench(args)
    done = bench.run(servers)
    bench.print_table(servers)
    bench.print_budgets()
    bench.print_hits()
    if bench.why_no_device:
        print(f"No loop device ({bench.why_no_device}): bytes and flushes were not counted.")
    print(f"Medians of {done} rounds; load {os.getloadavg()[0]:.1f} at the end. "
          "Other work on this machine moves rates and times, hardly CPU and bytes.")
    if args.json:
        bench.save(args.json)


if __name__ == "__main__":
    main()
