#include "support/suite.h"

#include <stddef.h>
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
		ck_assert(*setting_help(row, LANG_EN) && *setting_help(row, LANG_ID));
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
		{"message.max_mib = 9\n[user bob]\nquota.mib = 1\n[user BOB]\n", "", ERR_NONE},
		{"message.max_mib = 9\n[user bob]\nhostname = x", "line 3: hostname belongs",
		 ERR_DENIED},
		{"message.max_mib = 9\n[user bob]\nnosuch = x", "line 3: unknown key",
		 ERR_NOT_FOUND},
		{"message.max_mib = 9\n[user bob]\nquota.mib = x", "line 3: quota.mib must",
		 ERR_SYNTAX},
		{"[user]", "line 1: this is no name", ERR_SYNTAX},
		{"[user bob", "line 1: expected `[user", ERR_SYNTAX},
		{"[bob]", "line 1: expected `[user", ERR_SYNTAX},
		{"[", "line 1: expected `[user", ERR_SYNTAX},
		{"[user ../x]", "line 1: this is no name", ERR_SYNTAX},
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
			ck_assert_uint_eq(c.settings.message_max_mib, i == 2 || i == 6 ? 9 : 64);
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

START_TEST(the_table_keeps_its_own_rules)
{
	ck_assert_uint_le(setting_count, SETTINGS_MAX);
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_table[i];
		bool is_in_policy = row->offset < sizeof(struct policy);
		ck_assert_msg(is_in_policy == (row->scope == SETTING_USER), "%s", row->key);
		if (row->type == SETTING_CHOICE)
			ck_assert_msg(row->choices && *row->choices, "%s", row->key);
		if (row->type == SETTING_TEXT)
			ck_assert_uint_le(row->size, SETTING_TEXT_MAX);
		if (row->type == SETTING_NUMBER)
			ck_assert_uint_lt(row->min, row->max);
		for (size_t j = 0; j < i; j++)
			ck_assert_uint_ne(setting_table[j].offset, row->offset);
	}
	const struct setting *backend = setting_find(SLICE_LIT("store.backend"));
	struct settings s;
	settings_init(&s);
	for (; setting_choice(backend, s.store_backend).len; s.store_backend++)
		ck_assert(slice_eq_str(setting_choice(backend, s.store_backend),
				       settings_backend(&s)));
	ck_assert_uint_eq(s.store_backend, 2);
}
END_TEST

START_TEST(choices_are_kept_by_their_place)
{
	struct settings s;
	struct buf is;
	const struct setting *row = setting_find(SLICE_LIT("pop3.after_download"));
	buf_init(&is, 64);
	settings_init(&s);
	ck_assert_uint_eq(s.policy.pop3_after, POP3_AFTER_KEEP);
	ck_assert(s.policy.pop3_show_again && s.policy.imap_access);
	ck_assert_int_eq(setting_set(&s, row, SLICE_LIT("Delete"), LANG_EN, NULL), ERR_NONE);
	ck_assert_uint_eq(s.policy.pop3_after, POP3_AFTER_DELETE);
	ck_assert_int_eq(setting_get(&s, row, &is), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&is), "delete"));
	ck_assert_uint_eq(setting_choice(row, 5).len, 0);
	buf_free(&is);
}
END_TEST

START_TEST(texts_have_a_form)
{
	static const struct {
		const char *key, *value;
		bool is_good;
	} rows[] = {
		{"time.zone", "WIB-7", true},
		{"time.zone", "<+07>-7", true},
		{"time.zone", "CET-1CEST,M3.5.0,M10.5.0/3", true},
		{"time.zone", "", true},
		{"time.zone", "Asia/Jakarta", false},
		{"time.zone", "WIB", false},
		{"time.zone", "<+07-7", false},
		{"time.zone", "A-7", false},
		{"time.zone", "WIB-7 ; x", false},
		{"pop3.folder", "Lists/Family", true},
		{"pop3.folder", "a//b", false},
		{"pop3.folder", "/a", false},
		{"pop3.folder", "a/", false},
		{"web.hosts", "mail.example [::1] 192.0.2.1", true},
		{"web.hosts", "a<b", false},
		{"imap.hide_capabilities", "IDLE AUTH=PLAIN LITERAL+", true},
		{"imap.hide_capabilities", "IDLE\"", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct settings s;
		settings_init(&s);
		enum err err = setting_set(&s, setting_find(slice_str(rows[i].key)),
					   slice_str(rows[i].value), LANG_EN, NULL);
		ck_assert_msg(!err == rows[i].is_good, "%s = %s", rows[i].key, rows[i].value);
	}
}
END_TEST

START_TEST(every_refusal_is_said_in_every_language)
{
	for (size_t i = 0; i < setting_count; i++) {
		struct buf en, id;
		struct settings s;
		buf_init(&en, 512);
		buf_init(&id, 512);
		settings_init(&s);
		enum err err = setting_set(&s, &setting_table[i], SLICE_LIT("\x01"), LANG_EN, &en);
		ck_assert_int_ne(err, ERR_NONE);
		err = setting_set(&s, &setting_table[i], SLICE_LIT("\x01"), LANG_ID, &id);
		ck_assert_int_ne(err, ERR_NONE);
		ck_assert(slice_find(buf_view(&en), SLICE_LIT(" must be ")) != SIZE_MAX);
		ck_assert(slice_find(buf_view(&id), SLICE_LIT(" harus berupa ")) != SIZE_MAX);
		ck_assert_uint_eq(slice_find_byte(buf_view(&en), '%'), SIZE_MAX);
		ck_assert_uint_eq(slice_find_byte(buf_view(&id), '%'), SIZE_MAX);
		buf_free(&en);
		buf_free(&id);
	}
	for (enum setting_text text = 0; text < SETTING_SAY_COUNT; text++) {
		struct buf en, id;
		buf_init(&en, 512);
		buf_init(&id, 512);
		setting_say(&en, LANG_EN, text, "1", "2", "3");
		setting_say(&id, LANG_ID, text, "1", "2", "3");
		ck_assert(en.len && id.len && !slice_eq(buf_view(&en), buf_view(&id)));
		buf_free(&en);
		buf_free(&id);
	}
}
END_TEST

SUITE_MAIN("setting", every_default_is_accepted_by_its_own_row, the_table_keeps_its_own_rules,
	   choices_are_kept_by_their_place, texts_have_a_form,
	   every_refusal_is_said_in_every_language,
	   values_are_checked_and_a_refusal_changes_nothing, a_file_is_taken_whole_or_not_at_all,
	   what_is_saved_is_loaded_again)
