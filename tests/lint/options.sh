#!/bin/sh
# options.sh: the builds with everything and with nothing switched on start, and are what they say.
set -eu
version="surel $(cat daemon/VERSION)"
for flavour in clang allno; do
	said=$("build/$flavour/surel" version)
	[ "$said" = "$version" ] || { echo "build/$flavour/surel version: $said"; exit 1; }
done
# All that the options select is missing where all of them are off.
for object in $(cd build/clang/obj && find proto/pop3 proto/imap proto/smtp store -name '*_*.o' 2>/dev/null); do
	case $object in
	proto/*/* | store/journal_* | store/ram_* | store/checked_*)
		[ ! -e "build/allno/obj/$object" ] || { echo "allno has $object"; exit 1; } ;;
	esac
done
