#!/bin/sh
# data.sh FILE-SYSTEM OUT: the empty data partition, OUT/data.img, as it is shipped; and OUT/data.img.gz, what a
# factory reset writes over it.
#
#   ext4    16 MiB; grows to the disk's end at each start (grow_data)
#   f2fs    DATA_MIB=64 MiB and never more: F2FS cannot grow while it is mounted
#   ubifs   nothing: flash that is erased is an empty UBI, which the board makes a volume in (etc/rc)
set -eu
file_system=$1 out=$2
data=$out/data.img
data_uuid=5c8e5d1e-0000-4000-8000-000000000001

# mkfs writes nothing behind the six segments, of 512 blocks each, that the logs begin in. The superblock says
# where the first of them is.
f2fs_head() {
	main=$(od -An -tu4 -j $((1024 + 92)) -N 4 "$data")
	head -c $(((main + 6 * 512) * 4096)) "$data"
}

rm -f "$data"
case $file_system in
ext4)
	truncate -s 16M "$data"
	E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -F -t ext4 -b 4096 -m 0 -L surel-data -U "$data_uuid" \
		-E "hash_seed=$data_uuid,root_owner=0:0,lazy_itable_init=0" "$data"
	gzip -9n <"$data" >"$data.gz" ;;
f2fs)
	truncate -s "${DATA_MIB:-64}M" "$data"
	mkfs.f2fs -q -f -r -l surel-data -U "$data_uuid" -T "$SOURCE_DATE_EPOCH" "$data"
	f2fs_head | gzip -9n >"$data.gz" ;;
ubifs)
	: >"$data"
	gzip -9n <"$data" >"$data.gz" ;;
*)
	echo "data.sh: no such data file system: $file_system" >&2
	exit 1 ;;
esac
