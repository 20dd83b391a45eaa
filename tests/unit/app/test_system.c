#include "support/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "support/system_kit.h"

static struct system_kit kit;

START_TEST(the_directory_tells_board_and_slot)
{
	static const struct {
		const char *text;
		enum system_slot slot;
	} rows[] = {{"a\n", SYSTEM_SLOT_A},
		    {"b", SYSTEM_SLOT_B},
		    {"factory\n", SYSTEM_FACTORY},
		    {"", SYSTEM_FACTORY},
		    {"elsewhere\n", SYSTEM_FACTORY}};
	struct system_facts facts;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		system_kit_open(&kit, rows[i].text);
		system_facts_read(kit.dir, &facts);
		ck_assert_str_eq(facts.board, "box");
		ck_assert_int_eq(facts.running, rows[i].slot);
		system_kit_close(&kit);
	}
	system_facts_read("/nowhere", &facts);
	ck_assert_str_eq(facts.board, "");
	ck_assert_int_eq(facts.running, SYSTEM_FACTORY);
}
END_TEST

/* "key(detail) " of each. */
static void tell(const char *text, char *dst, size_t size)
{
	struct slice rest, key, detail;
	struct buf problems;
	size_t n = 0;
	dst[0] = 0;
	system_kit_open(&kit, "a");
	system_kit_write(&kit, "problems", slice_str(text));
	buf_init(&problems, SYSTEM_PROBLEMS_MAX_BYTES);
	system_problems_read(kit.dir, &problems);
	rest = buf_view(&problems);
	while (system_problem_next(&rest, &key, &detail))
		n += (size_t)snprintf(dst + n, size - n, SLICE_FMT "(" SLICE_FMT ") ",
				      SLICE_ARG(key), SLICE_ARG(detail));
	buf_free(&problems);
	system_kit_close(&kit);
}

START_TEST(problems_are_lines)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"\n\n", ""},
		{"no-network", "no-network() "},
		{"slot-failed=0.2.0\nno-network\n", "slot-failed(0.2.0) no-network() "},
		{"a=b=c\n", "a(b=c) "},
		{"=x\n\x01\nb\xC3\xA9\nd=\x7F\nok\n", "ok() "},
	};
	char told[256];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tell(rows[i][0], told, sizeof(told));
		ck_assert_str_eq(told, rows[i][1]);
	}
}
END_TEST

/* Nobody takes anything out of the pipe any more. */
static void fill(const char *path)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	while (write(fd, "x", 1) == 1)
		continue;
	close(fd);
}

START_TEST(a_request_needs_somebody_who_reads_it)
{
	char path[128], line[32] = "";
	system_kit_open(&kit, "a");
	ck_assert_int_eq(file_join(path, sizeof(path), kit.dir, "request"), ERR_NONE);
	ck_assert_int_eq(system_request(kit.dir, "restart"), ERR_NOT_FOUND);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(system_request(kit.dir, "restart"), ERR_CLOSED);
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(system_request(kit.dir, "restart"), ERR_NONE);
	ck_assert_int_eq(read(fd, line, sizeof(line)), 8);
	ck_assert_str_eq(line, "restart\n");
	fill(path); /* and does not wait */
	ck_assert_int_eq(system_request(kit.dir, "restart"), ERR_CLOSED);
	close(fd);
	system_kit_close(&kit);
}
END_TEST

/* Whether DATA/factory-reset is there. */
static bool asks_for_reset(const char *dir, char *word, size_t size)
{
	char path[128];
	struct buf text;
	buf_init(&text, 64);
	ck_assert_int_eq(file_join(path, sizeof(path), dir, "factory-reset"), ERR_NONE);
	bool is_there = file_read(path, &text) == ERR_NONE &&
			slice_to_str(buf_view(&text), word, size) == ERR_NONE;
	buf_free(&text);
	unlink(path);
	return is_there;
}

START_TEST(a_reset_is_asked_for_whole_or_not_at_all)
{
	static struct appliance app;
	char data[] = "/tmp/surel-data-XXXXXX", path[128], word[32];
	ck_assert_ptr_nonnull(mkdtemp(data));
	system_kit_open(&kit, "a");
	app.system = &kit.system;
	snprintf(app.data_dir, sizeof(app.data_dir), "%s", data);
	ck_assert_int_eq(file_join(path, sizeof(path), kit.dir, "request"), ERR_NONE);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(system_reset(&app, "all"), ERR_CLOSED);
	ck_assert(!asks_for_reset(data, word, sizeof(word)));
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(system_reset(&app, "keep-mail"), ERR_NONE);
	ck_assert(asks_for_reset(data, word, sizeof(word)));
	ck_assert_str_eq(word, "keep-mail");
	/* The restart cannot be asked for: the word is taken back. */
	fill(path);
	ck_assert_int_eq(system_reset(&app, "all"), ERR_CLOSED);
	ck_assert(!asks_for_reset(data, word, sizeof(word)));
	/* Where the word cannot be written, all can go at once. */
	char drained[4096];
	while (read(fd, drained, sizeof(drained)) > 0)
		continue;
	rmdir(data);
	ck_assert_int_eq(system_reset(&app, "keep-mail"), ERR_NOT_FOUND);
	ck_assert_int_eq(read(fd, drained, sizeof(drained)), 0);
	ck_assert_int_eq(system_reset(&app, "all"), ERR_NONE);
	ck_assert_int_eq(read(fd, drained, sizeof(drained)), 5);
	ck_assert_int_eq(memcmp(drained, "wipe\n", 5), 0);
	close(fd);
	system_kit_close(&kit);
}
END_TEST

SUITE_MAIN("system", the_directory_tells_board_and_slot, problems_are_lines,
	   a_request_needs_somebody_who_reads_it, a_reset_is_asked_for_whole_or_not_at_all)
