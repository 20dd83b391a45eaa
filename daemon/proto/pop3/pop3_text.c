#include "proto/pop3/pop3_text.h"

#include "mail/lexical.h"

const char *pop3_text(const struct pop3_lang *lang, enum pop3_text text)
{
	return lexical_word(lang ? lang->texts : pop3_texts_en, text);
}

const char *pop3_code(enum pop3_text text)
{
	/* The first text of each. */
	static const uint8_t first[] = {TEXT_WRONG_CREDENTIALS, TEXT_IN_USE,
					TEXT_TOO_SOON,          TEXT_TRY_LATER,
					TEXT_ENCRYPT_FIRST,     TEXT_UNKNOWN_MECHANISM};
	size_t code = 0;
	while (code < sizeof(first) && text >= first[code])
		code++;
	return lexical_word("\0[AUTH] \0[IN-USE] \0[LOGIN-DELAY] \0[SYS/TEMP] \0[SYS/PERM] \0",
			    code);
}
