#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/conf_file.h"
#include "base/file.h"

START_TEST(every_default_is_accepted_by_its_own_row)
{
	struct settings s;
	settings_init(&s);
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		ck_assert_msg(setting_is_default(&s, row), "%s", row->key);
		ck_assert_int_eq(setting_set(&s, row, slice_str(row->initial), LANG_EN, NULL),
				 ERR_NONE);
		ck_assert_ptr_eq(setting_find(slice_str(row->key)), row);
		ck_assert(*row->help_en && *row->help_id);
	}
}
END_TEST

START_TEST(values_are_checked_and_a_refusal_changes_nothing)
{
	static const struct {
		const char *key, *value;
		enum err err;
	} rows[] = {
		{"message.max_mib", "1", ERR_NONE},
		{"message.max_mib", "1024", ERR_NONE},
		{"message.max_mib", "0", ERR_LIMIT},
		{"message.max_mib", "1025", ERR_LIMIT},
		{"message.max_mib", "-1", ERR_SYNTAX},
		{"message.max_mib", "99999999999999999999", ERR_LIMIT},
		{"message.max_mib", "", ERR_SYNTAX},
		{"imap.enabled", "on", ERR_NONE},
		{"imap.enabled", "tidak", ERR_NONE},
		{"imap.enabled", "maybe", ERR_SYNTAX},
		{"log.level", "DEBUG", ERR_NONE},
		{"log.level", "loud", ERR_SYNTAX},
		{"hostname", "surat.rumah", ERR_NONE},
		{"hostname", "a\nb", ERR_SYNTAX},
		{"hostname", "\xff", ERR_SYNTAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct setting *row = setting_find(slice_str(rows[i].key));
		struct settings s, before;
		struct buf why, was, is;
		settings_init(&s);
		before = s;
		buf_init(&why, 512);
		buf_init(&was, 512);
		buf_init(&is, 512);
		ck_assert_int_eq(setting_set(&s, row, slice_str(rows[i].value), LANG_EN, &why),
				 rows[i].err);
		ck_assert_int_eq(setting_get(&before, row, &was), ERR_NONE);
		ck_assert_int_eq(setting_get(&s, row, &is), ERR_NONE);
		if (rows[i].err) {
			ck_assert(slice_starts(buf_view(&why), slice_str(rows[i].key)));
			ck_assert(slice_eq(buf_view(&was), buf_view(&is)));
		}
		buf_free(&why);
		buf_free(&was);
		buf_free(&is);
	}
}
END_TEST

START_TEST(a_file_is_taken_whole_or_not_at_all)
{
	static const struct {
		const char *text, *why;
		enum err err;
	} rows[] = {
		{"", "", ERR_NONE},
		{"# nothing\n\n  \r\n", "", ERR_NONE},
		{"message.max_mib = 9\r\nlog.level=debug\n", "", ERR_NONE},
		{"message.max_mib = 9\nmessage.max_mib 8\n", "line 2: expected", ERR_SYNTAX},
		{"message.max_mib = 9\n\nnosuch = 1", "line 3: unknown key", ERR_NOT_FOUND},
		{"message.max_mib = 9\nmessage.max_mib = x", "line 2: message.max_mib must",
		 ERR_SYNTAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf c;
		struct buf why;
		conf_init(&c);
		c.settings.message_max_mib = 77;
		buf_init(&why, 512);
		ck_assert_int_eq(conf_parse(slice_str(rows[i].text), &c, &why), rows[i].err);
		ck_assert(slice_starts(buf_view(&why), slice_str(rows[i].why)));
		if (rows[i].err)
			ck_assert_uint_eq(c.settings.message_max_mib, 77);
		else
			ck_assert_uint_eq(c.settings.message_max_mib, i == 2 ? 9 : 64);
		conf_free(&c);
		buf_free(&why);
	}
}
END_TEST

START_TEST(what_is_saved_is_loaded_again)
{
	char dir[] = "/tmp/surel-test-XXXXXX", path[64];
	struct conf c, again;
	struct settings *s = &c.settings;
	struct buf why;
	buf_init(&why, 512);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/surel.conf", dir);
	conf_init(&again);
	ck_assert_int_eq(conf_load(path, &again, &why), ERR_NONE); /* no file: defaults */
	conf_init(&c);
	s->message_max_mib = 12;
	s->imap_enabled = false;
	ck_assert_int_eq(setting_set(s, setting_find(SLICE_LIT("mail.domains")),
				     SLICE_LIT("a.example b.example"), LANG_EN, NULL),
			 ERR_NONE);
	ck_assert_int_eq(conf_save(path, &c), ERR_NONE);
	ck_assert_int_eq(conf_load(path, &again, &why), ERR_NONE);
	ck_assert_uint_eq(again.settings.message_max_mib, 12);
	ck_assert(!again.settings.imap_enabled);
	ck_assert_str_eq(again.settings.mail_domains, "a.example b.example");
	ck_assert_int_eq(conf_save("/nonexistent/surel.conf", &c), ERR_NOT_FOUND);
	unlink(path);
	rmdir(dir);
	buf_free(&why);
}
END_TEST

SUITE_MAIN("setting", every_default_is_accepted_by_its_own_row,
	   values_are_checked_and_a_refusal_changes_nothing, a_file_is_taken_whole_or_not_at_all,
	   what_is_saved_is_loaded_again)
