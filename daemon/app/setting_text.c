#include "app/setting.h"

#include <inttypes.h>
#include <stdio.h>

/* '%' stands for the next argument. */
static const char *const setting_texts[SETTING_SAY_COUNT][LANG_COUNT] = {
	[SETTING_SAY_MUST_BE] = {"% must be ", "% harus berupa "},
	[SETTING_SAY_TEXT] = {"a text of at most % bytes, default %",
			      "teks paling panjang % byte, bawaan %"},
	[SETTING_SAY_NUMBER] = {"a number from % to %, default %",
				"angka dari % sampai %, bawaan %"},
	[SETTING_SAY_BOOL] = {"yes or no, default %", "yes (ya) atau no (tidak), bawaan %"},
	[SETTING_SAY_CHOICE] = {"one of: %; default %", "salah satu dari: %; bawaan %"},
	[SETTING_SAY_EMPTY] = {"empty", "kosong"},
	[SETTING_SAY_FOLDER] = {"the name of a folder of at most % bytes, default %",
				"nama folder paling panjang % byte, bawaan %"},
	[SETTING_SAY_HOSTS] = {"names of hosts of at most % bytes, default %",
			       "nama host paling panjang % byte, bawaan %"},
	[SETTING_SAY_WORDS] = {"words separated by spaces, of at most % bytes, default %",
			       "kata-kata dipisah spasi, paling panjang % byte, bawaan %"},
	[SETTING_SAY_TIME_ZONE] = {"a time zone in POSIX form such as WIB-7, of at most % bytes, "
				   "default %",
				   "zona waktu bentuk POSIX seperti WIB-7, paling panjang % byte, "
				   "bawaan %"},
	[SETTING_SAY_MANAGED] = {"% is kept by Surel itself", "% diatur oleh Surel sendiri"},
	[SETTING_SAY_HOUSE_ONLY] =
		{"% belongs to the whole house, a user cannot have one of their own",
		 "% berlaku untuk seluruh rumah, tidak bisa per pengguna"},
	[SETTING_SAY_NO_USER] = {"no user %", "tidak ada pengguna %"},
	[SETTING_SAY_NOT_SAVED] = {"the settings cannot be saved: %",
				   "setelan tidak bisa disimpan: %"},
};

void setting_say(struct buf *dst, enum lang lang, enum setting_text text, const char *first,
		 const char *second, const char *third)
{
	const char *arguments[] = {first, second, third};
	struct slice rest = slice_str(setting_texts[text][lang]);
	enum err err = dst ? ERR_NONE : ERR_STATE;
	for (size_t used = 0; rest.len && !err;) {
		bool has_argument = slice_find_byte(rest, '%') != SIZE_MAX;
		err = buf_add_slice(dst, slice_split(&rest, '%'));
		if (!err && has_argument && used < 3)
			err = buf_add_str(dst, arguments[used++]);
	}
	/* Too little room: a sentence cut short is still a sentence. */
}

static enum setting_text form_text(const struct setting *row)
{
	return row->has_form == form_folder      ? SETTING_SAY_FOLDER
	       : row->has_form == form_hosts     ? SETTING_SAY_HOSTS
	       : row->has_form == form_words     ? SETTING_SAY_WORDS
	       : row->has_form == form_time_zone ? SETTING_SAY_TIME_ZONE
						 : SETTING_SAY_TEXT;
}

enum err setting_describe(const struct setting *row, enum lang lang, struct buf *dst)
{
	const char *initial = *row->initial ? row->initial : setting_texts[SETTING_SAY_EMPTY][lang];
	char min[16], max[16];
	size_t before = dst->len;
	snprintf(min, sizeof(min), "%" PRIu32, row->min);
	snprintf(max, sizeof(max), "%" PRIu32,
		 row->type == SETTING_TEXT ? row->size - 1u : row->max);
	switch (row->type) {
	case SETTING_TEXT: setting_say(dst, lang, form_text(row), max, initial, NULL); break;
	case SETTING_NUMBER: setting_say(dst, lang, SETTING_SAY_NUMBER, min, max, initial); break;
	case SETTING_BOOL: setting_say(dst, lang, SETTING_SAY_BOOL, initial, NULL, NULL); break;
	case SETTING_CHOICE:
		setting_say(dst, lang, SETTING_SAY_CHOICE, row->choices, initial, NULL);
		break;
	}
	return dst->len > before ? ERR_NONE : ERR_LIMIT;
}
