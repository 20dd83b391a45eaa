#!/usr/bin/env python3
"""Runs test programs, as many at a time as there are processors, and closes with one line: N passed, N failed.

    tests/run.py [--jobs N] [--timeout SECONDS] [--under EMULATOR] [--share N] COMMAND...

Each COMMAND is one argument: a program with its own arguments, or tests/e2e/test_*.py, which unittest
runs with that directory as its module path and SUREL naming the binary to test; NAME=VALUE may stand
before it. With --under, programs of another processor are run by that emulator, and each of their tests
has ten minutes. With --share N, programs that go through many cut points, random days or cells of a
policy take only every N-th (support/suite.h); the last lines say so. What a program prints goes to
build/test/log/; of a failed one the end is shown at once. A program that counts its tests (check, unittest, "N passed, N failed") adds that many to the sum; any other
adds one, and one that counts none has failed. The status is 0 only when something ran and nothing
failed.
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
        # A class that could not be set up is an error, but none of the tests that ran.
        passed += max(0, int(m[1]) - wrong - kinds.get("skipped", 0))
        failed, found = failed + wrong, True
    for m in re.finditer(r"^(\d+) passed, (\d+) failed$", output, re.M):
        passed, failed, found = passed + int(m[1]), failed + int(m[2]), True
    if not found:
        passed = 1 if status == 0 else 0
    if failed == 0 and (status != 0 or passed + skipped == 0):
        failed = 1
    return passed, failed, skipped


def environment(wanted):
    env = dict(os.environ)
    env.setdefault("SUREL", "build/host/surel")
    env.update(wanted)
    env["SUREL"] = os.path.abspath(env["SUREL"])
    env.setdefault("ASAN_OPTIONS", "detect_stack_use_after_return=1:allocator_may_return_null=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    env["LC_ALL"] = "C.UTF-8"
    env["TERM"] = "vt100"  # for mail programs that draw on a screen
    env["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, ("tests/e2e", "tests/qemu", "tests/packages")))
    return env


def supervise(words, env, out, timeout):
    """The exit status of the program, None when it was killed because its time was up."""
    try:
        # In a session of its own, so that whatever it started ends with it.
        child = subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                 stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as e:
        out.write(f"{words[0]}: {e.strerror}\n".encode())
        return e.errno
    try:
        status = child.wait(timeout)
    except subprocess.TimeoutExpired:
        status = None
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
    return status


def run(command, timeout, emulator, share):
    words = shlex.split(command)
    wanted = {"TEST_SHARE": str(share)} if share > 1 else {}
    if emulator:
        wanted["CK_DEFAULT_TIMEOUT"] = "600"
    named = []
    while re.match(r"\w+=", words[0]):
        named.append(words.pop(0))
        wanted.update([named[-1].split("=", 1)])
    name = " ".join([re.sub(r"^(build/test|tests)/|\.(py|sh)$", "", words[0])] + named)
    if words[0].endswith(".py"):
        module = os.path.basename(words[0])[:-3]
        words = [sys.executable, "-B", "-W", "ignore::ResourceWarning", "-m", "unittest", "-v", module] + words[1:]
    elif emulator and words[0].startswith("build/"):
        words.insert(0, emulator)
    log = os.path.join(LOG_DIR, re.sub(r"[/ ]", "-", name) + ".log")
    started = time.monotonic()
    with open(log, "wb") as out:
        status = supervise(words, environment(wanted), out, timeout)
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
    started = time.monotonic()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=max(2, os.cpu_count() or 2))
    parser.add_argument("--timeout", type=int, default=600)
    parser.add_argument("--under", metavar="EMULATOR")
    parser.add_argument("--share", type=int, default=1, metavar="N")
    parser.add_argument("commands", nargs="*")
    args = parser.parse_args()
    os.makedirs(LOG_DIR, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda command: run(command, args.timeout, args.under, args.share), args.commands))
    passed, failed, skipped = (sum(column) for column in zip(*results)) if results else (0, 0, 0)
    if args.share > 1:
        print(f"of cut points, random days and cells of policies only every {args.share}th was tried")
    print(f"all done after {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(0 if passed > 0 and failed == 0 else 1)


if __name__ == "__main__":
    main()
