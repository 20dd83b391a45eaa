#!/bin/sh
# run.sh SECONDS PARSER...: lets libFuzzer look for inputs that break each parser, one after the other.
#
# It starts from tests/fuzz/corpus/PARSER and tests/fuzz/kept/PARSER, which stay as they are; what it
# learns on the way lives in build/fuzz/corpus. An input that breaks the parser is put into
# tests/fuzz/kept/PARSER: commit it with the fix, and `make test` replays it from then on.
set -u
seconds=$1
shift
passed=0 failed=0
mkdir -p build/fuzz/log
for parser; do
	learnt=build/fuzz/corpus/$parser
	kept=tests/fuzz/kept/$parser
	log=build/fuzz/log/$parser.log
	set -- "$learnt"
	for seeds in "tests/fuzz/corpus/$parser" "$kept"; do
		[ -d "$seeds" ] && set -- "$@" "$seeds"
	done
	mkdir -p "$learnt" "$kept"
	if "build/fuzz/fuzz/fuzz_$parser" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
		-use_value_profile=1 -artifact_prefix="$kept/" "$@" >"$log" 2>&1; then
		echo "ok   $parser: $(sed -n 's/^Done \([0-9]*\) runs.*/\1 runs/p' "$log")"
		passed=$((passed + 1))
	else
		echo "FAIL $parser: $log"
		tail -n 30 "$log"
		failed=$((failed + 1))
	fi
	rmdir "$kept" 2>/dev/null
done
rmdir tests/fuzz/kept 2>/dev/null
echo "$passed passed, $failed failed"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ]
