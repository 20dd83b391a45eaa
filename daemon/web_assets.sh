#!/bin/sh
# web_assets.sh [NAME...]: a C file with everything in web/ that the page is made of, compressed.
# Templates and texts of these names are left out (web/NAME.html, web/text/NAME.*).
#
# Templates (web/*.html, web/*.xml), texts (web/text/AREA.LANGUAGE) and the time zones become one pack,
# in which each file follows a line "NAME LENGTH". All texts are three files of it: the sorted keys,
# and with a line for each of them what it is in English and in Indonesian. Static files are compressed
# one by one, as they are sent.
# daemon/app/web_asset.h says how they are found in the daemon.
set -eu
export LC_ALL=C
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

bytes() { # NAME, from standard input
	echo "static const uint8_t $1[] = {"
	od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'
	echo "};"
}

left_out=" $* "
# zopfli finds what gzip would not, in the same format; where there is none, gzip does.
compress() { # FILE
	if command -v zopfli >/dev/null; then zopfli --i15 -c "$1"; else gzip -9nc "$1"; fi
}

strip() { # FILE...: indentation, empty lines and lines of comment are for people
	for file; do
		[ -f "$file" ] || continue # no file of that kind
		name=${file##*/}
		case $left_out in *" ${name%.*} "*) continue ;; esac
		sed -e 's/^[[:blank:]]*//' -e '/^$/d' -e '/^{{![^}]*}}$/d' "$file"
	done
}

pack() { # FILE...
	for file; do
		strip "$file" >"$work/file"
		[ -s "$work/file" ] || continue # left out
		printf '%s %d\n' "${file##*/}" "$(wc -c <"$work/file")"
		cat "$work/file"
	done
}

texts() { # LANGUAGE: lines KEY = TEXT become the files keys and LANGUAGE
	strip web/text/*."$1" | grep ' = ' | sort >"$work/lines"
	sed 's/ = .*//' "$work/lines" >"$work/keys.$1"
	sed 's/^[^ ]* = //' "$work/lines" >"$work/$1"
}

dense() { # FILE: a style sheet without the blanks that say nothing
	sed -e 's/ *\([{};]\) */\1/g' -e 's/\([:,]\) */\1/g' "$1" | tr -d '\n' >"$work/dense"
	mv "$work/dense" "$1"
}

static() { # FILE TYPE: its bytes now, its row of the table for later
	id=$(echo "$1" | tr -c 'a-z0-9\n' _)
	sed -e 's/^[[:blank:]]*//' -e '/^$/d' -e '/^\/\*.*\*\/$/d' "web/$1" >"$work/file"
	case $1 in *.css) dense "$work/file" ;; esac
	compress "$work/file" >"$work/file.gz"
	bytes "$id" <"$work/file.gz"
	cat >>"$work/rows" <<-END
		{"/$1", "$2", "\"$(cksum <"$work/file" | tr ' ' -)\"", $id, sizeof($id), $(wc -c <"$work/file")},
	END
}

echo "/* Made by daemon/web_assets.sh from web/. */"
echo "#include \"app/web_asset.h\""
static style.css 'text/css; charset=utf-8'
static surel.js 'text/javascript; charset=utf-8'
static icon.svg 'image/svg+xml'
texts en
texts id
mv "$work/keys.en" "$work/keys"
diff "$work/keys" "$work/keys.id" >&2 # every key stands in both languages
pack web/*.html web/*.xml "$work/keys" "$work/en" "$work/id" web/*.txt >"$work/pack"
compress "$work/pack" | bytes pack
cat <<END
const struct web_asset web_assets[] = {
$(cat "$work/rows")
};
const size_t web_asset_count = sizeof(web_assets) / sizeof(web_assets[0]);
const struct web_asset web_pack = {"", "", "", pack, sizeof(pack), $(wc -c <"$work/pack")};
END
