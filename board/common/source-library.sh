# source-library.sh: what the scripts share that find a library or build it from source. Read by
# them with `.`; they are called as NAME.sh OUT.mk and have set `name`, `cflags`.
#
# A library is built once for each compiler, set of flags and source, in $SUREL_CACHE (default
# build/cache).
# shellcheck shell=sh disable=SC2034,SC2154
out=$1
here=$(dirname "$0")
cc=${CC:-cc}
# Build systems that are not ours say more than their compiler.
cflags="$cflags ${EXTRA_CFLAGS:-}"
mkdir -p "${SUREL_CACHE:-build/cache}"
cache=$(cd "${SUREL_CACHE:-build/cache}" && pwd)

write_answer() { # from standard input; a file that would not change keeps its date
	mkdir -p "$(dirname "$out")"
	cat >"$out.new"
	if cmp -s "$out.new" "$out"; then rm "$out.new"; else mv "$out.new" "$out"; fi
}

compile_all() { # DIRECTORY [FLAG...]: the files named on standard input, each closed by NUL
	directory=$1
	shift
	mkdir -p "$directory/obj"
	xargs -0 -P "$(nproc)" -n 8 sh -c '
		flags=$1 cc=$2 directory=$3; shift 3
		for file; do
			$cc $flags -c "$file" -o "$directory/obj/$(basename "$file" .c).o" || exit 255
		done' sh "$cflags $*" "$cc" "$directory"
	${AR:-ar} rcs "$directory/lib$name.a" "$directory"/obj/*.o
	rm -r "$directory/obj"
}

# build_once SOURCE [FILE...]: calls `build_library SOURCE NEW-DIRECTORY` unless the library is there
# already; sets `directory`. SOURCE/../MANIFEST and FILEs tell whether it is still the same.
build_once() {
	source=$1
	shift
	key=$({ cat "$@" "$source/../MANIFEST"; echo "$cflags"; $cc --version; } |
		sha256sum | cut -c 1-12)
	directory=$cache/$name-$key
	(
		flock 9
		[ -f "$directory/lib$name.a" ] && exit 0
		rm -rf "$directory.new"
		mkdir -p "$directory.new/include"
		build_library "$source" "$directory.new"
		{
			cat "$source/../MANIFEST"
			echo "compiler: $($cc --version | head -n 1)"
			echo "flags: $cflags"
		} >"$directory.new/MANIFEST"
		rm -rf "$directory"
		mv "$directory.new" "$directory"
	) 9>"$cache/$name.lock"
}
