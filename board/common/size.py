#!/usr/bin/env python3
"""size.py DIRECTORY [BOARD [PROFILE]]: how many bytes of the daemon in DIRECTORY each part takes.

Parts are the layers of daemon/ and the libraries. Every function and variable that the linker kept
is counted for the part that defines one of its name, which works as well where the whole program was
compiled at once (LTO). Strings have no names: they are a part of their own. For a board the file is
compared with its budget (board.conf, or the profile's), and to exceed that is an error.
"""

import collections
import glob
import os
import re
import subprocess
import sys

# What the compiler adds to the names of the copies and pieces that it makes of a function.
SUFFIX = re.compile(r"\.(lto_priv|constprop|isra|part|cold|llvm|\d+)\b.*$")


def symbols(path, readelf):
    """(object, address, section, symbol, size) for everything that a program or an archive defines."""
    listing = subprocess.run([readelf, "-sW", path], capture_output=True, text=True, check=False)
    member, file = "", ""
    for line in listing.stdout.splitlines():
        if line.startswith("File: "):
            member = line[line.find("(") + 1:-1]
        words = re.sub(r" \[.*?\]", "", line).split()  # without [MIPS16] and the like
        if len(words) < 8 or words[6] == "UND":
            continue
        if words[3] == "FILE":
            file = os.path.splitext(os.path.basename(words[7]))[0] + ".o"
        elif words[3] in ("FUNC", "OBJECT", "NOTYPE"):
            yield member or (file if words[4] == "LOCAL" else ""), words[1], words[6], words[7], int(words[2], 0)


def layer_of_objects(directory):
    """The layer of each of the daemon's object files, by its base name."""
    objects = os.path.join(directory, "obj")
    layers = {}
    for path in glob.glob(objects + "/**/*.o", recursive=True):
        layer = os.path.relpath(os.path.dirname(path), objects)
        name = os.path.basename(path)
        layers[name] = "web assets" if name == "web_assets.o" else "daemon/" + layer.replace(".", "main", 1)
    return layers


def archives(directory, sysroot):
    """(part, path) of each library that is linked in."""
    if sysroot:
        for path in sorted(glob.glob(os.path.join(sysroot, "lib", "*.a"))):
            part = os.path.basename(path)[3:-2].split("_server")[0]
            if part != "check":
                yield {"c": "libc", "fewcharsets": "libc", "plainprintf": "libc", "plainstrtod": "libc"}.get(part, part), path
        return
    for name in ("mbedtls", "picohttpparser"):
        path = setting(os.path.join(directory, name + ".mk"), name + "-libs")
        if path.endswith(".a"):
            yield name, path


def owners(directory, sysroot, readelf):
    """The part that defines each object file and symbol; the daemon's own names win over a library's."""
    layers = layer_of_objects(directory)
    parts = {}
    for part, path in archives(directory, sysroot):
        for name, _, _, symbol, _ in symbols(path, readelf):
            layers.setdefault(name, part)
            parts.setdefault(symbol, "libc: iconv" if name.startswith("iconv.") else part)
    for name, _, _, symbol, _ in symbols(os.path.join(directory, "libsurel.a"), readelf):
        parts[symbol] = layers.get(name, "daemon")
    return layers, parts


def sections(path, readelf):
    """The sections of a program that take room in its file: number -> (name, bytes)."""
    listing = subprocess.run([readelf, "-SW", path], capture_output=True, text=True, check=True)
    found = {}
    for m in re.finditer(r"^ *\[ *(\d+)\] (\S+) +(\S+) +\S+ +\S+ +([0-9a-f]+) +\S+ +(\S*A\S*) ", listing.stdout, re.M):
        if m[3] != "NOBITS":
            found[m[1]] = m[2], int(m[4], 16)
    return found


def measure(program, layers, parts, readelf):
    """What each part takes of a program that has its symbols yet."""
    kept, sizes, named = sections(program, readelf), collections.Counter(), collections.Counter()
    seen = set()
    for name, address, section, symbol, size in symbols(program, readelf):
        if section not in kept or not size or address in seen:
            continue
        seen.add(address)  # several names of one thing are counted once
        plain = SUFFIX.sub("", symbol)
        if plain.startswith("OUTLINED_FUNCTION"):
            part = "code shared by several"
        else:
            part = parts.get(plain) or parts.get(symbol) or layers.get(name) or "start-up, compiler's own"
        sizes["libc: iconv" if name == "iconv.o" else part] += size
        named[section] += size
    for number, (name, size) in kept.items():
        rest = "strings" if name == ".rodata" else "relocations" if name.startswith(".rel") else "stubs, padding"
        sizes[rest] += max(0, size - named[number])
    return sizes


def setting(path, key):
    with open(path, encoding="utf-8") as f:
        m = re.search(rf"^{key}\s*(?::=|=)\s*(.*)$", f.read(), re.M)
    return m[1].strip('" ') if m else ""


def main():
    directory, board = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    sysroot = setting(os.path.join(directory, "sysroot.mk"), "sysroot") if board else None
    readelf = os.path.join(sysroot, "bin", "readelf") if board else "readelf"
    binary, program = os.path.join(directory, "surel"), os.path.join(directory, "surel")
    if board:
        program += ".debug"
    else:
        binary += ".stripped"
        subprocess.run(["strip", "-o", binary, program], check=True)
    size = os.path.getsize(binary)
    sizes = measure(program, *owners(directory, sysroot, readelf), readelf)
    sizes["headers, padding"] = size - sum(sizes.values())
    for part, n in sizes.most_common():
        print(f"  {part:24} {n:8} bytes {n / 1024:7.1f} KiB")
    print(f"{binary}: {size} bytes, {size / 1024:.1f} KiB")
    if not board:
        return
    budget = int(setting(f"board/common/{sys.argv[3]}.config", "# budget_kib") if len(sys.argv) > 3
                 else setting(f"board/{board}/board.conf", "budget_kib"))
    excess = size / 1024 - budget
    print(f"budget: {budget} KiB, " + (f"exceeded by {excess:.1f} KiB" if excess > 0 else f"{-excess:.1f} KiB left"))
    if excess > 0:
        sys.exit(1)


if __name__ == "__main__":
    main()
