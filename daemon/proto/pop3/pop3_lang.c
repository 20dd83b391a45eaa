/* LANG (RFC 6856 3). */
#include "proto/pop3/pop3_session.h"

const struct pop3_lang pop3_langs[] = {
	{"en", "English", pop3_texts_en},
	{"id", "Bahasa Indonesia", pop3_texts_id},
	{NULL, NULL, NULL},
};

const struct pop3_lang *pop3_lang_find(struct slice range)
{
	/* "id-ID" asks for something narrower than "id": RFC 4647 would find nothing. The broader
	 * language is still a better answer than none. "i-default" is English (RFC 2277 4.5). */
	struct slice primary = slice_upto(range, slice_find_byte(range, '-'));
	const struct pop3_lang *lang = pop3_langs;
	if (slice_eq_str(range, "*") || slice_eq_str_nocase(range, "i-default"))
		return lang;
	while (lang->tag && !slice_eq_str_nocase(primary, lang->tag))
		lang++;
	return lang->tag ? lang : NULL;
}

static enum step pop3_list_langs(struct pop3_session *s)
{
	pop3_ok(s, TEXT_LANGUAGES);
	for (const struct pop3_lang *lang = pop3_langs; lang->tag; lang++)
		session_sayf(&s->s, "%s %s\r\n", lang->tag, lang->name);
	session_sayf(&s->s, ".\r\n");
	return STEP_DONE;
}

static enum step pop3_lang(struct pop3_session *s, const struct pop3_line *line)
{
	if (line->argc == 0)
		return pop3_list_langs(s);
	const struct pop3_lang *lang = pop3_lang_find(line->args[0]);
	if (!lang)
		return pop3_refuse(s, TEXT_NO_SUCH_LANGUAGE);
	s->lang = lang;
	session_sayf(&s->s, "+OK %s %s\r\n", lang->tag, pop3_say(s, TEXT_LANGUAGE_SET));
	return STEP_DONE;
}

extern const struct pop3_verb pop3_verb_lang; /* named by the generated table */
const struct pop3_verb pop3_verb_lang = {"LANG", POP3_ANY_STATE | POP3_IN_CAPA, 0, 1, pop3_lang};
