/* LANG (RFC 6856 3). */
#include "proto/pop3/pop3_session.h"

static enum step pop3_lang(struct pop3_session *s, const struct pop3_line *line)
{
	enum pop3_lang lang;
	if (line->argc == 0) {
		pop3_ok(s, TEXT_LANGUAGES);
		for (int i = 0; i < POP3_LANGS; i++)
			session_sayf(&s->s, "%s %s\r\n", pop3_lang_tag((enum pop3_lang)i),
				     pop3_lang_name((enum pop3_lang)i));
		session_sayf(&s->s, ".\r\n");
		return STEP_DONE;
	}
	if (pop3_lang_find(line->args[0], &lang))
		return pop3_refuse(s, "", TEXT_NO_SUCH_LANGUAGE);
	s->lang = lang;
	session_sayf(&s->s, "+OK %s %s\r\n", pop3_lang_tag(lang), pop3_say(s, TEXT_LANGUAGE_SET));
	return STEP_DONE;
}

extern const struct pop3_verb pop3_verb_lang; /* named by the generated table */
const struct pop3_verb pop3_verb_lang = {"LANG", POP3_ANY_STATE | POP3_IN_CAPA, 0, 1, pop3_lang};
