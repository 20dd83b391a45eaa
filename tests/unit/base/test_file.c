#include "base/file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/suite.h"

static void temp_dir(char dir[64])
{
	memcpy(dir, "/tmp/surel-test-file-XXXXXX", sizeof("/tmp/surel-test-file-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

START_TEST(a_file_is_replaced_whole_with_its_mode)
{
	char dir[64], path[80];
	struct stat st;
	struct buf b;
	temp_dir(dir);
	buf_init(&b, 100);
	ck_assert_int_eq(file_join(path, sizeof(path), dir, "key.pem"), ERR_NONE);
	ck_assert_int_eq(file_read(path, &b), ERR_NOT_FOUND);
	ck_assert_int_eq(file_replace(path, SLICE_LIT("first, longer"), 0644), ERR_NONE);
	ck_assert_int_eq(file_replace(path, SLICE_LIT("second"), 0600), ERR_NONE);
	ck_assert_int_eq(file_read(path, &b), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&b), "second"));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	unlink(path);
	ck_assert_int_eq(rmdir(dir), 0); /* no temporary file stays */
	buf_free(&b);
}
END_TEST

START_TEST(a_failed_replacement_leaves_the_old_file)
{
	char dir[64], path[80], in_the_way[80];
	struct buf b;
	temp_dir(dir);
	buf_init(&b, 100);
	ck_assert_int_eq(file_join(path, sizeof(path), dir, "conf"), ERR_NONE);
	ck_assert_int_eq(file_join(in_the_way, sizeof(in_the_way), dir, "conf.new"), ERR_NONE);
	ck_assert_int_eq(file_replace(path, SLICE_LIT("old"), 0600), ERR_NONE);
	ck_assert_int_eq(mkdir(in_the_way, 0700), 0);
	ck_assert_int_ne(file_replace(path, SLICE_LIT("new"), 0600), ERR_NONE);
	ck_assert_int_eq(file_read(path, &b), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&b), "old"));
	buf_free(&b);
	unlink(path);
	rmdir(in_the_way);
	rmdir(dir);
}
END_TEST

START_TEST(reading_stops_at_the_ceiling)
{
	char dir[64], path[80];
	struct buf b;
	temp_dir(dir);
	buf_init(&b, 4);
	ck_assert_int_eq(file_join(path, sizeof(path), dir, "f"), ERR_NONE);
	ck_assert_int_eq(file_replace(path, SLICE_LIT("12345"), 0600), ERR_NONE);
	ck_assert_int_eq(file_read(path, &b), ERR_LIMIT);
	buf_free(&b);
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(directories_are_made_once)
{
	char dir[64], path[80], file[96];
	temp_dir(dir);
	ck_assert_int_eq(file_join(path, sizeof(path), dir, "sub"), ERR_NONE);
	ck_assert_int_eq(file_make_dir(path, 0700), ERR_NONE);
	ck_assert_int_eq(file_make_dir(path, 0700), ERR_NONE);
	ck_assert_int_eq(file_join(file, sizeof(file), path, "f"), ERR_NONE);
	ck_assert_int_eq(file_replace(file, SLICE_EMPTY, 0600), ERR_NONE);
	ck_assert_int_eq(file_make_dir(file, 0700), ERR_EXISTS);
	ck_assert_int_eq(file_join(file, 8, path, "f"), ERR_LIMIT);
	ck_assert_int_eq(file_join(file, sizeof(file), path, "f"), ERR_NONE);
	unlink(file);
	rmdir(path);
	rmdir(dir);
}
END_TEST

SUITE_MAIN("file", a_file_is_replaced_whole_with_its_mode, a_failed_replacement_leaves_the_old_file,
	   reading_stops_at_the_ceiling, directories_are_made_once)
