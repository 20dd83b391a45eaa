#!/bin/sh
# layers.sh: who may include whom. Anything else is a finding: the tree is the architecture diagram.
set -u

# The directories that a file in this one may include from.
allowed() {
	case $1 in
	base)    echo "base" ;;
	net)     echo "base net" ;;
	store)   echo "base store" ;;
	mail)    echo "base mail" ;;
	proto)   echo "base net store mail proto" ;;
	proto/*) echo "base net store mail proto $1" ;;    # a protocol does not know another one
	app)     echo "base net store mail proto proto/pop3 proto/imap proto/smtp proto/http app" ;;
	.)       echo "base net store mail proto app" ;;   # main.c
	*)       echo "" ;;
	esac
}

findings=0
finding() {
	echo "$*"
	findings=$((findings + 1))
}

for file in $(find daemon -name '*.[ch]' | sort); do
	directory=$(dirname "${file#daemon/}")
	for included in $(sed -n 's|^#[ \t]*include "\([^"]*\)".*|\1|p' "$file"); do
		[ "$included" = options.h ] && continue
		case $included in */*) ;; *) finding "$file: write \"layer/$included\""; continue ;; esac
		[ -f "daemon/$included" ] || finding "$file: there is no daemon/$included"
		case " $(allowed "$directory") " in
		*" $(dirname "$included") "*) ;;
		*) finding "$file may not include $included" ;;
		esac
	done
done
[ "$findings" -eq 0 ]
