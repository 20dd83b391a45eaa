#!/bin/sh
# size.sh: how large the daemon is, as a file without its symbols, and which layer takes how much.
set -eu
strip -o build/host/surel.stripped build/host/surel
echo "build/host/surel, stripped: $(($(stat -c %s build/host/surel.stripped) / 1024)) KiB"
size build/host/surel.stripped
echo
echo "Code and constant data by layer, before the linker leaves out what nobody calls:"
for layer in base net store mail proto proto/pop3 proto/imap proto/smtp app; do
	find "build/host/obj/$layer" -maxdepth 1 -name '*.o' -exec size {} + 2>/dev/null |
		awk -v layer="$layer" '/\.o$/ { n += $1 + $2 } END { printf "  %-12s %6.1f KiB\n", layer, n / 1024 }'
done
