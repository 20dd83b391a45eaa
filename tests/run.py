#!/usr/bin/env python3
"""Runs test programs, two at a time, and closes with one line: N passed, N failed.

    tests/run.py [--jobs N] [--timeout SECONDS] COMMAND...

Each COMMAND is one argument: a program with its own arguments, such as "build/test/unit/base/test_buf"
or "python3 tests/e2e/test_imap.py". What it prints goes to build/test/log/; of a failed one the end
is shown at once. A program that counts its tests (check, unittest, "N passed, N failed") adds that
many to the sum; any other adds one. The status is 0 only when something ran and nothing failed.
"""

import argparse
import concurrent.futures
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

LOG_DIR = "build/test/log"
SHOWN_LINES = 60

printing = threading.Lock()


def counts(output, status):
    """How many of a program's tests passed and failed, by its own words where it has any."""
    passed = failed = skipped = 0
    found = False
    for m in re.finditer(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", output, re.M):
        checks, wrong = int(m[1]), int(m[2]) + int(m[3])
        passed, failed, found = passed + checks - wrong, failed + wrong, True
    for m in re.finditer(r"^Ran (\d+) tests? in .*\n\n(OK|FAILED)(?: \((.*)\))?", output, re.M):
        kinds = {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", m[3] or "")}
        wrong = kinds.get("failures", 0) + kinds.get("errors", 0)
        skipped += kinds.get("skipped", 0)
        passed += int(m[1]) - wrong - kinds.get("skipped", 0)
        failed, found = failed + wrong, True
    for m in re.finditer(r"^(\d+) passed, (\d+) failed$", output, re.M):
        passed, failed, found = passed + int(m[1]), failed + int(m[2]), True
    if not found:
        passed = 1 if status == 0 else 0
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def name_of(command):
    words = [w for w in shlex.split(command) if not w.startswith("-") and w not in ("sh", "python3")]
    name = re.sub(r"^(build/test|tests)/", "", words[0])
    return re.sub(r"\.(py|sh)$", "", name)


def run(command, timeout):
    name = name_of(command)
    log = os.path.join(LOG_DIR, name.replace("/", "-") + ".log")
    started = time.monotonic()
    with open(log, "wb") as out:
        # In a session of its own, so that whatever it started ends with it.
        child = subprocess.Popen(shlex.split(command), stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = child.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()
    with open(log, encoding="utf-8", errors="replace") as f:
        output = f.read()
    if status is None:
        output += f"\n{name}: not done after {timeout} seconds, killed\n"
    passed, failed, skipped = counts(output, status)
    report(name, passed, failed, skipped, time.monotonic() - started, output, log)
    return passed, failed, skipped


def report(name, passed, failed, skipped, seconds, output, log):
    with printing:
        tail = f", {skipped} skipped" if skipped else ""
        print(f"{'FAIL' if failed else 'ok':4} {name}: {passed} of {passed + failed}{tail}"
              f" ({seconds:.1f} s)")
        if failed:
            lines = output.splitlines()
            for line in lines[-SHOWN_LINES:]:
                print("     " + line)
            if len(lines) > SHOWN_LINES:
                print(f"     ... all {len(lines)} lines: {log}")
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=int, default=300)
    parser.add_argument("commands", nargs="*")
    args = parser.parse_args()
    os.makedirs(LOG_DIR, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda command: run(command, args.timeout), args.commands))
    passed, failed, skipped = (sum(column) for column in zip(*results)) if results else (0, 0, 0)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(0 if passed > 0 and failed == 0 else 1)


if __name__ == "__main__":
    main()
