#!/bin/sh
# data.sh FILE-SYSTEM OUT: the empty data partition, OUT/data.img: what is shipped, and what a factory reset
# unpacks again.
#
#   ext4    16 MiB; grows to the disk's end at each start (grow_data)
#   f2fs    DATA_MIB=64 MiB and never more: F2FS cannot grow while it is mounted
#   ubifs   nothing: flash that is erased is an empty UBI, which the board makes a volume in (etc/rc)
set -eu
file_system=$1 out=$2
data=$out/data.img
data_uuid=5c8e5d1e-0000-4000-8000-000000000001

rm -f "$data"
case $file_system in
ext4)
	truncate -s 16M "$data"
	E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -F -t ext4 -b 4096 -m 0 -L surel-data -U "$data_uuid" \
		-E "hash_seed=$data_uuid,root_owner=0:0,lazy_itable_init=0" "$data" ;;
f2fs)
	truncate -s "${DATA_MIB:-64}M" "$data"
	mkfs.f2fs -q -f -r -l surel-data -U "$data_uuid" -T "$SOURCE_DATE_EPOCH" "$data" ;;
ubifs)
	: >"$data" ;;
*)
	echo "data.sh: no such data file system: $file_system" >&2
	exit 1 ;;
esac
