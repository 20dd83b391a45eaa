#!/bin/sh
# check-binary.sh BOARD READELF FILE: refuses a linked program that a board could not run, or that is
# less hardened than it says: static, no loader, no executable stack, no segment both written and
# executed, read-only after start what can be, the right kind of floating point.
set -eu
board=$1 readelf=$2 file=$3
is_soft_float='' is_pie=''
# shellcheck source=/dev/null
. "$(dirname "$0")/../$board/board.conf"
findings=0
finding() { echo "$file: $*" >&2; findings=1; }

segments=$("$readelf" -lW "$file")
has() { echo "$segments" | grep -q "^  *$1 "; }
# The letters of a segment's flags stand between its sizes and its alignment.
flags() { echo "$segments" | awk -v type="$1" '$1 == type { $1 = ""; gsub(/0x[0-9a-f]+|[0-9]+$/, ""); gsub(/ /, ""); print }'; }

has INTERP && finding "wants a loader (INTERP)"
"$readelf" -dW "$file" | grep -q NEEDED && finding "wants shared libraries"
case $(flags GNU_STACK) in RW) ;; *) finding "stack is '$(flags GNU_STACK)', not RW" ;; esac
flags LOAD | grep -q "W.*E" && finding "a segment can be written and executed"
has GNU_RELRO || finding "nothing is read-only after start (RELRO)"
kind=$("$readelf" -hW "$file" | awk '$1 == "Type:" { print $2 }')
[ "$kind" = "$([ -n "$is_pie" ] && echo DYN || echo EXEC)" ] || finding "is of type $kind"
if [ -n "$is_soft_float" ]; then
	"$readelf" -AW "$file" | grep -qi 'soft float' || finding "does not say soft float"
fi
exit $findings
