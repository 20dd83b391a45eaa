/* grow_data DEVICE DIRECTORY: the file system on the partition DEVICE, mounted on DIRECTORY, gets all the room
 * behind it on its disk.
 *
 * Images are small; cards and disks are not. At each start the last partition's entry in the disk's
 * table (MBR) is stretched to the disk's end, the kernel is told, and ext4 grows while it is mounted.
 * Nothing is done where there is nothing to gain. A power cut at any point leaves a good file system:
 * the table's entry is one sector, and ext4 journals its growth. */
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#define EXT4_RESIZE \
	_IOW('f', 16, uint64_t) /* EXT4_IOC_RESIZE_FS: not in the kernel's public headers */

enum { SECTOR = 512, TABLE = 446, ENTRY = 16, ENTRY_START = 8, ENTRY_LENGTH = 12, ENTRIES = 4 };
enum { WORTH_WHILE = 2048 }; /* sectors */

static int fail(const char *what)
{
	fprintf(stderr, "grow_data: %s: %s\n", what, strerror(errno));
	return 1;
}

static uint32_t le32_get(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void le32_put(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

/* "/dev/vda3" is 3 on "/dev/vda", "/dev/mmcblk0p3" is 3 on "/dev/mmcblk0"; 0: no partition. */
static int split_name(const char *device, char *disk, size_t disk_size)
{
	size_t len = strlen(device) - 1;
	int number = device[len] - '0';
	if (len >= disk_size || number < 1 || number > ENTRIES)
		return 0;
	memcpy(disk, device, len);
	if (len > 1 && disk[len - 1] == 'p' && disk[len - 2] >= '0' && disk[len - 2] <= '9')
		len--;
	disk[len] = '\0';
	return number;
}

/* Only the last partition has room behind it. */
static int is_last(const uint8_t *sector, int number)
{
	uint32_t start = le32_get(sector + TABLE + ENTRY * (number - 1) + ENTRY_START);
	for (int i = 0; i < ENTRIES; i++)
		if (le32_get(sector + TABLE + ENTRY * i + ENTRY_START) > start)
			return 0;
	return start > 0;
}

static int stretch_entry(int fd, int number)
{
	uint8_t sector[SECTOR];
	uint64_t disk_bytes = 0;
	if (ioctl(fd, BLKGETSIZE64, &disk_bytes) || pread(fd, sector, SECTOR, 0) != SECTOR)
		return fail("cannot read the disk");
	if (sector[SECTOR - 2] != 0x55 || sector[SECTOR - 1] != 0xAA || !is_last(sector, number))
		return 0;
	uint8_t *entry = sector + TABLE + (ptrdiff_t)ENTRY * (number - 1);
	uint64_t disk_sectors = disk_bytes / SECTOR;
	uint64_t end = disk_sectors > UINT32_MAX ? UINT32_MAX : disk_sectors;
	uint32_t start = le32_get(entry + ENTRY_START);
	if (end < (uint64_t)start + le32_get(entry + ENTRY_LENGTH) + WORTH_WHILE)
		return 0;
	uint32_t length = (uint32_t)(end - start);
	le32_put(entry + ENTRY_LENGTH, length);
	if (pwrite(fd, sector, SECTOR, 0) != SECTOR || fsync(fd))
		return fail("cannot write the partition table");
	struct blkpg_partition part = {.start = (long long)start * SECTOR,
				       .length = (long long)length * SECTOR,
				       .pno = number};
	struct blkpg_ioctl_arg arg = {
		.op = BLKPG_RESIZE_PARTITION, .datalen = sizeof(part), .data = &part};
	return ioctl(fd, BLKPG, &arg) ? fail("the kernel keeps the old partition") : 0;
}

static int grow_partition(const char *device)
{
	char disk[64];
	int number = split_name(device, disk, sizeof(disk));
	if (!number)
		return 0;
	int fd = open(disk, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail(disk);
	int status = stretch_entry(fd, number);
	close(fd);
	return status;
}

static int grow_file_system(int device, int directory)
{
	struct statfs fs;
	uint64_t bytes = 0;
	if (ioctl(device, BLKGETSIZE64, &bytes) || fstatfs(directory, &fs))
		return fail("cannot see the file system's size");
	uint64_t blocks = bytes / (uint64_t)fs.f_bsize;
	return ioctl(directory, EXT4_RESIZE, &blocks) ? fail("ext4 does not grow") : 0;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: grow_data DEVICE DIRECTORY\n");
		return 2;
	}
	if (grow_partition(argv[1]))
		return 1;
	int device = open(argv[1], O_RDONLY | O_CLOEXEC);
	int directory = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (device < 0 || directory < 0)
		return fail(device < 0 ? argv[1] : argv[2]);
	return grow_file_system(device, directory);
}
