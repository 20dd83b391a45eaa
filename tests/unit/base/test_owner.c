#include "base/owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/suite.h"

enum { SOMEBODY = 1234 };

static char dir[64], path[80], temp[80], victim[80];

static void begin(void)
{
	memcpy(dir, "/tmp/surel-test-owner-XXXXXX", sizeof("/tmp/surel-test-owner-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/conf", dir);
	snprintf(temp, sizeof(temp), "%s/conf.new", dir);
	snprintf(victim, sizeof(victim), "%s/victim", dir);
	ck_assert_int_eq(file_replace(victim, SLICE_LIT("precious"), 0600), ERR_NONE);
	if (geteuid() == 0)
		ck_assert_int_eq(chown(dir, SOMEBODY, SOMEBODY), 0);
}

static void end(void)
{
	unlink(path);
	unlink(temp);
	unlink(victim);
	rmdir(path);
	rmdir(dir);
}

static uid_t owner_of(const char *name)
{
	struct stat st;
	ck_assert_int_eq(lstat(name, &st), 0);
	return st.st_uid;
}

/* Of the directory, whoever that is: root cannot be played by anybody else. */
START_TEST(new_files_and_directories_belong_to_the_owner_of_theirs)
{
	begin();
	ck_assert_int_eq(file_replace(path, SLICE_LIT("text"), 0600), ERR_NONE);
	ck_assert_uint_eq(owner_of(path), owner_of(dir));
	unlink(path);
	ck_assert_int_eq(file_make_dir(path, 0700), ERR_NONE);
	ck_assert_uint_eq(owner_of(path), owner_of(dir));
	end();
}
END_TEST

static void replace_beside(int (*put)(const char *, const char *))
{
	struct buf b;
	begin();
	buf_init(&b, 100);
	ck_assert_int_eq(put(victim, temp), 0);
	ck_assert_int_eq(file_replace(path, SLICE_LIT("text"), 0600), ERR_NONE);
	ck_assert_int_eq(file_read(victim, &b), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&b), "precious"));
	ck_assert_uint_eq(owner_of(victim), geteuid());
	buf_free(&b);
	end();
}

START_TEST(a_link_that_waits_there_is_not_followed)
{
	replace_beside(symlink);
	replace_beside(link);
}
END_TEST

START_TEST(a_file_with_a_second_name_is_not_given_away)
{
	begin();
	ck_assert_int_eq(link(victim, temp), 0);
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY), fd = open(temp, O_RDONLY);
	owner_inherit(fd, dir_fd);
	ck_assert_uint_eq(owner_of(victim), geteuid());
	close(fd);
	close(dir_fd);
	end();
}
END_TEST

SUITE_MAIN("owner", new_files_and_directories_belong_to_the_owner_of_theirs,
	   a_link_that_waits_there_is_not_followed, a_file_with_a_second_name_is_not_given_away)
