/* Areas as files. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/medium.h"
#include "support/suite.h"

static char dir[64];

static struct medium *open_medium(void)
{
	struct medium *m = NULL;
	ck_assert_int_eq(medium_file_open(dir, false, &m), ERR_NONE);
	return m;
}

static void make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/medium-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(rmdir(dir), 0);
}

static void drop_dir(void)
{
	char command[100];
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

static void note_slot(void *arg, uint32_t slot)
{
	*(uint64_t *)arg |= (uint64_t)1 << slot;
}

START_TEST(areas_come_and_go)
{
	uint8_t bytes[1024], seen[1024];
	uint64_t slots = 0;
	make_dir();
	struct medium *m = open_medium();
	ck_assert_int_eq(m->ops->create(m, 0, 8192), ERR_NONE);
	ck_assert_int_eq(m->ops->create(m, 9, 65536), ERR_NONE);
	ck_assert_int_eq(m->ops->create(m, 26, 65536), ERR_NONE);
	ck_assert_int_eq(m->ops->list(m, note_slot, &slots), ERR_NONE);
	ck_assert_uint_eq(slots, 1 | 1 << 9 | 1 << 26);
	ck_assert_int_eq(m->ops->read(m, 9, 65536 - 1024, seen, 1024, true), ERR_NONE);
	for (size_t i = 0; i < sizeof(seen); i++)
		ck_assert_uint_eq(seen[i], 0);
	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(m->ops->write(m, 9, 512, bytes, 1024), ERR_NONE);
	ck_assert_int_eq(m->ops->sync(m, 9), ERR_NONE);
	ck_assert_int_eq(m->ops->read(m, 9, 512, seen, 1024, true), ERR_NONE);
	ck_assert_mem_eq(seen, bytes, 1024);
	ck_assert_int_eq(m->ops->read(m, 9, 65000, seen, 1024, true), ERR_IO);
	ck_assert_int_eq(m->ops->read(m, 10, 0, seen, 1, true), ERR_NOT_FOUND);
	/* Made anew it is empty, also for who had it open. */
	ck_assert_int_eq(m->ops->create(m, 9, 65536), ERR_NONE);
	ck_assert_int_eq(m->ops->read(m, 9, 512, seen, 1, true), ERR_NONE);
	ck_assert_uint_eq(seen[0], 0);
	ck_assert_int_eq(m->ops->write(m, 9, 512, bytes, 512), ERR_NONE);
	ck_assert_int_eq(m->ops->remove(m, 26), ERR_NONE);
	ck_assert_int_eq(m->ops->read(m, 26, 0, seen, 1, true), ERR_NOT_FOUND);
	medium_close(&m);
	ck_assert_ptr_null(m);
	m = open_medium();
	ck_assert_int_eq(m->ops->read(m, 9, 512, seen, 512, true), ERR_NONE);
	ck_assert_mem_eq(seen, bytes, 512);
	slots = 0;
	ck_assert_int_eq(m->ops->list(m, note_slot, &slots), ERR_NONE);
	ck_assert_uint_eq(slots, 1 | 1 << 9);
	medium_close(&m);
	drop_dir();
}
END_TEST

START_TEST(many_areas_share_few_files)
{
	uint8_t bytes[512] = {0};
	make_dir();
	struct medium *m = open_medium();
	for (uint32_t slot = 1; slot <= 60; slot++) {
		bytes[0] = (uint8_t)slot;
		ck_assert_int_eq(m->ops->create(m, slot, 16384), ERR_NONE);
		ck_assert_int_eq(m->ops->write(m, slot, 1024, bytes, 512), ERR_NONE);
	}
	for (uint32_t slot = 60; slot; slot--) {
		ck_assert_int_eq(m->ops->sync(m, slot), ERR_NONE);
		ck_assert_int_eq(m->ops->read(m, slot, 1024, bytes, 1, true), ERR_NONE);
		ck_assert_uint_eq(bytes[0], slot);
		/* What was just read is at hand, or the answer is that it might block. */
		enum err err = m->ops->read(m, slot, 1024, bytes, 1, false);
		ck_assert(err == ERR_NONE || err == ERR_AGAIN);
	}
	uint64_t total, free_bytes;
	m->ops->space(m, &total, &free_bytes);
	ck_assert_uint_ge(total, free_bytes);
	ck_assert_uint_gt(total, 0);
	medium_close(&m);
	drop_dir();
}
END_TEST

START_TEST(one_process_at_a_time)
{
	struct medium *m, *other = NULL;
	make_dir();
	m = open_medium();
	ck_assert_int_eq(medium_file_open(dir, false, &other), ERR_IN_USE);
	ck_assert_int_eq(medium_file_open(dir, true, &other), ERR_IN_USE);
	medium_close(&m);
	ck_assert_int_eq(medium_file_open(dir, true, &other), ERR_NONE);
	ck_assert_int_eq(medium_file_open(dir, true, &m), ERR_NONE); /* readers may be several */
	medium_close(&m);
	ck_assert_int_eq(medium_file_open(dir, false, &m), ERR_IN_USE);
	medium_close(&other);
	drop_dir();
	ck_assert_int_eq(medium_file_open(dir, true, &m), ERR_NOT_FOUND);
	ck_assert_int_eq(medium_file_open("/nowhere/at/all", false, &m), ERR_NOT_FOUND);
}
END_TEST

START_TEST(strange_files_are_passed_over)
{
	static const char *const names[] = {"1.seg",   "0000000g.seg", "00000001.sex",
					    "new.tmp", "00000000.seg", "ff000001.seg"};
	uint64_t slots = 0;
	char path[128];
	make_dir();
	struct medium *m = open_medium();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		FILE *f = fopen(path, "w");
		ck_assert_ptr_nonnull(f);
		fclose(f);
	}
	ck_assert_int_eq(m->ops->list(m, note_slot, &slots), ERR_NONE);
	ck_assert_uint_eq(slots, 0);
	medium_close(&m);
	drop_dir();
}
END_TEST

SUITE_MAIN("medium", areas_come_and_go, many_areas_share_few_files, one_process_at_a_time,
	   strange_files_are_passed_over)
