#include "app/web_language.h"

bool web_language_find(struct slice text, enum lang *lang_out)
{
	for (int lang = 0; lang < LANG_COUNT; lang++) {
		*lang_out = (enum lang)lang;
		if (slice_eq_str_nocase(text, web_lang_tag(*lang_out)))
			return true;
	}
	*lang_out = LANG_ID;
	return slice_eq_str_nocase(text, "in"); /* Indonesian until ISO 639 of 1989 */
}

/* ";q=0.8" in thousandths; what cannot be read counts as 1. */
static unsigned language_weight(struct slice parameters)
{
	size_t at = slice_find_nocase(parameters, SLICE_LIT("q="));
	struct slice digits = slice_from(parameters, at == SIZE_MAX ? parameters.len : at + 2);
	unsigned weight = 0, unit = 1000;
	if (digits.len == 0)
		return 1000;
	for (size_t i = 0; i < digits.len && unit; i++) {
		if (digits.ptr[i] == '.')
			continue;
		if (!ascii_is_digit(digits.ptr[i]))
			break;
		weight += unit * (digits.ptr[i] - '0');
		unit /= 10;
	}
	return weight;
}

enum lang web_language_accepted(struct slice accept_language)
{
	enum lang best = LANG_EN, lang;
	unsigned best_weight = 0;
	while (accept_language.len) {
		struct slice parameters = slice_split(&accept_language, ',');
		struct slice tag = slice_trim(slice_split(&parameters, ';'));
		unsigned weight = language_weight(parameters);
		if (!web_language_find(slice_split(&tag, '-'), &lang) || weight <= best_weight)
			continue;
		best = lang;
		best_weight = weight;
	}
	return best;
}

enum lang web_language(struct http_exchange *x)
{
	enum lang lang;
	uint32_t set = web_app(x)->settings.web_language; /* 0: auto */
	if (web_language_find(http_cookie(x, "lang"), &lang))
		return lang;
	if (set > 0 && set <= LANG_COUNT)
		return (enum lang)(set - 1);
	return web_language_accepted(http_field(x, "Accept-Language"));
}
