#!/bin/sh
# habits.sh: house rules that a search can see.
set -u
findings=0

# rule TEXT PATTERN FILE...: no line of the files may match the extended regular expression.
rule() {
	text=$1 pattern=$2
	shift 2
	found=$(grep -nE -- "$pattern" "$@" /dev/null)
	[ -n "$found" ] || return 0
	echo "$text:"
	echo "$found" | sed 's/^/    /'
	findings=$((findings + 1))
}

c_files=$(git ls-files -co --exclude-standard '*.c' '*.h')
daemon_files=$(git ls-files -co --exclude-standard 'daemon/*.c' 'daemon/*.h')
scripts=$(git ls-files -co --exclude-standard '*.py' '*.sh' '*.mk' '*Makefile' ':!tests/lint/habits.sh')
test_files=$(git ls-files -co --exclude-standard 'tests/*.[ch]' 'tests/*.py')

# shellcheck disable=SC2086 # lists of files
{
	rule "calls that do not know the end of their buffer, or cannot report an error" \
		'\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|scanf)[[:blank:]]*\(' $c_files
	rule "an option selects files, not lines" '^#[[:blank:]]*(if|ifdef|ifndef|elif).*[^A-Z_]CONFIG_' $daemon_files
	rule "left-overs" '\b(TODO|FIXME|XXX|HACK)\b' $c_files $scripts
	rule "tests wait for the event, they do not sleep" \
		'\b(sleep|usleep|nanosleep)[[:blank:]]*\(' $test_files
	rule "lines end without blanks" '[[:blank:]]+$' $c_files $scripts
}

for file in $daemon_files; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 600 ] && continue
	echo "$file has $lines lines: more than 600 are more than one room"
	findings=$((findings + 1))
done

twins=$(for file in $daemon_files; do basename "$file"; done | sort | uniq -d)
if [ -n "$twins" ]; then
	echo "base names are unique, so that logs and debuggers never guess:" "$twins"
	findings=$((findings + 1))
fi
[ "$findings" -eq 0 ]
