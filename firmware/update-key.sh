#!/bin/sh
# update-key.sh: prints the name of the private key that signs this builder's updates.
#
# It is the file that $SUREL_UPDATE_KEY names (PEM, ECDSA P-256), else $SUREL_CACHE/update.key, which is made
# here once. Whoever loses it can only update his boards by flashing them; whoever has it can make updates
# that they take.
set -eu
if [ -n "${SUREL_UPDATE_KEY:-}" ]; then
	[ -r "$SUREL_UPDATE_KEY" ] || { echo "update-key.sh: cannot read $SUREL_UPDATE_KEY" >&2; exit 1; }
	echo "$SUREL_UPDATE_KEY"
	exit
fi
mkdir -p "${SUREL_CACHE:-build/cache}"
key=${SUREL_CACHE:-build/cache}/update.key
exec 9>"$key.lock"
flock 9
if [ ! -s "$key" ]; then
	echo "Making the key that signs updates: $key" >&2
	(umask 077 && openssl ecparam -name prime256v1 -genkey -noout -out "$key.new")
	mv "$key.new" "$key"
fi
echo "$key"
