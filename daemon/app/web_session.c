#include "app/web_session.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/secret.h"

void web_token(char dst[WEB_TOKEN_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t random[WEB_TOKEN_BYTES];
	secret_random(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		dst[2 * i] = digits[random[i] >> 4];
		dst[2 * i + 1] = digits[random[i] & 15];
	}
	dst[WEB_TOKEN_TEXT] = 0;
	secret_wipe(random, sizeof(random));
}

void web_session_end(struct web_session *s)
{
	secret_wipe(s, sizeof(*s));
}

void web_sessions_wipe(struct web_sessions *all)
{
	secret_wipe(all, sizeof(*all));
}

static bool session_is_over(const struct web_session *s)
{
	uint64_t now = clock_mono_ms();
	return now - s->used_ms >= WEB_SESSION_IDLE_MS || now - s->begun_ms >= WEB_SESSION_MAX_MS;
}

struct web_session *web_session_begin(struct web_sessions *all, bool is_tls,
				      const uint8_t password_mark[32])
{
	struct web_session *place = &all->rows[0];
	for (size_t i = 0; i < WEB_SESSIONS_MAX && *place->token; i++) {
		struct web_session *s = &all->rows[i];
		if (!*s->token || session_is_over(s) || s->used_ms < place->used_ms)
			place = s;
		if (!*s->token || session_is_over(s))
			break;
	}
	*place = (struct web_session){.is_tls = is_tls};
	place->begun_ms = place->used_ms = clock_mono_ms();
	memcpy(place->password_mark, password_mark, sizeof(place->password_mark));
	web_token(place->token);
	web_token(place->csrf);
	return place;
}

struct web_session *web_session_find(struct web_sessions *all, struct slice token, bool is_tls,
				     const uint8_t password_mark[32], bool is_use)
{
	struct web_session *found = NULL;
	for (size_t i = 0; i < WEB_SESSIONS_MAX; i++)
		if (*all->rows[i].token && secret_eq(slice_str(all->rows[i].token), token))
			found = &all->rows[i];
	if (!found)
		return NULL;
	struct slice mark = slice_of(password_mark, 32);
	if (session_is_over(found) ||
	    !secret_eq(slice_of(found->password_mark, sizeof(found->password_mark)), mark)) {
		web_session_end(found);
		return NULL;
	}
	if (found->is_tls != is_tls)
		return NULL;
	if (is_use)
		found->used_ms = clock_mono_ms();
	return found;
}
