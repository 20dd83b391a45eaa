"""One load on one server: what it took, by the load generator's clock, the server's processor time and the disk."""

import os
import subprocess
import threading

GENERATOR = os.path.abspath("build/bench/load")
LONGEST_S = 120


class Result:
    """Each figure is for one unit of the load: a message or an operation."""

    def __init__(self, words, cpu_us, written, flushes):
        seen = dict(word.split("=", 1) for word in words)
        self.units = int(seen["units"])
        self.rate = float(seen["units_per_s"])
        self.p50_ms = float(seen["p50_us"]) / 1e3
        self.p99_ms = float(seen["p99_us"]) / 1e3
        self.mb_per_s = int(seen["bytes_in"]) / float(seen["seconds"]) / 1e6
        self.hits = int(seen["hits"])
        self.cpu_us = cpu_us / self.units
        self.kib = written / self.units / 1024
        self.flushes = flushes / self.units


def proceed(load):
    """Lets the load generator go on; its own words say what is wrong when it is no longer there."""
    try:
        load.stdin.write("\n")
        load.stdin.flush()
    except BrokenPipeError:
        pass


def run(server, kind, service, settle_s=0, isolated=False, **options):
    """settle_s: how long after the last answer the server may still be writing what belongs to it."""
    if isolated:
        options["sync"] = server.disk.path
    words = [GENERATOR, kind, f"port={server.port(service)}"]
    words += [f"{name}={value}" for name, value in options.items()]
    load = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(LONGEST_S, load.kill)
    watchdog.start()
    try:
        is_ready = load.stdout.readline().strip() == "ready"
        before, cpu = server.disk.counters(), server.cpu_us()
        proceed(load)
        line = load.stdout.readline().split()
        if settle_s:
            threading.Event().wait(settle_s)
        cpu = server.cpu_us() - cpu
        after = server.disk.counters()
        proceed(load)
        if load.wait(LONGEST_S) != 0 or not is_ready:
            raise RuntimeError(f"{server.name}: {kind} failed; {server.log_tail()}")
    finally:
        watchdog.cancel()
        load.kill()
        load.wait()
        load.stdout.close()
    return Result(line, cpu, after[0] - before[0], after[1] - before[1])
