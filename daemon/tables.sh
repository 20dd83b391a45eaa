#!/bin/sh
# tables.sh TABLE TYPE SYMBOL...: a C file with the table of what this configuration contains.
#
#	tables.sh protocols 'struct protocol' imap_protocol pop3_protocol
#
# defines `const struct protocol *const protocols[]`, closed by NULL. Whoever walks the table needs
# no #ifdef, and what is not in it is not linked.
set -eu
table=$1 type=$2
shift 2
echo "/* Made by daemon/tables.sh: what the chosen options contain. See daemon/Makefile. */"
echo "#include <stddef.h>"
echo
echo "$type;"
for symbol; do echo "extern const $type $symbol;"; done
echo "extern const $type *const ${table}[];"
echo
echo "const $type *const ${table}[] = {"
for symbol; do echo "	&$symbol,"; done
echo "	NULL,"
echo "};"
