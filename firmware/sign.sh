#!/bin/sh
# sign.sh BOARD VERSION ROOT OUT [KERNEL]: makes the signed update OUT of a packed root file system (cpio.gz).
#
# A header of 1024 octets, text padded with NUL, then the kernel, if any, then the root. The signature is
# over the header's text before it, which has the hash of the rest. Same input, same bytes, except for the
# signature, which is of ECDSA and so never the same twice.
set -eu
board=$1 version=$2 root=$3 out=$4 kernel=${5:-/dev/null}
here=$(cd "$(dirname "$0")" && pwd)

size_of() { stat -L -c %s "$1"; }

fail() { echo "sign.sh: $*" >&2; exit 1; }

case $version in '' | *[!0-9A-Za-z.+_~-]*) fail "not a version: $version" ;; esac
key=$("$here/update-key.sh")
store_format=$(sed -n 's/^\tJOURNAL_VERSION = \([0-9]*\),.*/\1/p' "$here/../daemon/store/journal_record.h")
[ -n "$store_format" ] || fail "cannot find the store's format"

cat >"$out.head" <<END
surel-update 1
board=$board
version=$version
store_format=$store_format
kernel_size=$(size_of "$kernel")
root_size=$(size_of "$root")
sha256=$(cat "$kernel" "$root" | sha256sum | cut -d ' ' -f 1)
END
signature=$(openssl dgst -sha256 -sign "$key" "$out.head" | od -An -v -tx1 | tr -d ' \n')
[ -n "$signature" ] || fail "openssl did not sign"
echo "signature=$signature" >>"$out.head"
[ "$(size_of "$out.head")" -le 1024 ] || fail "the header is too long"
truncate -s 1024 "$out.head"
cat "$out.head" "$kernel" "$root" >"$out.new"
mv "$out.new" "$out"
rm "$out.head"
