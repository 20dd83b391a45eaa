/* web_session - who has logged in to the page: at most WEB_SESSIONS_MAX browsers, in memory only.
 *
 * A browser is known by 256 random bits in a cookie, and its forms by a token of their own. A login
 * over TLS is not valid without TLS, nor the other way round. It ends after WEB_SESSION_IDLE_MS
 * without a page, after WEB_SESSION_MAX_MS in any case, with the administrator's password, and with
 * the daemon. When all places are taken the login that rested longest goes. Pure but for clock and
 * random numbers. */
#ifndef APP_WEB_SESSION_H
#define APP_WEB_SESSION_H

#include "base/slice.h"

enum {
	WEB_SESSIONS_MAX = 16,
	WEB_SESSION_IDLE_MS = 30 * 60 * 1000,
	WEB_SESSION_MAX_MS = 12 * 60 * 60 * 1000,
	WEB_TOKEN_BYTES = 32,                   /* random octets of the cookie and of a form's token */
	WEB_TOKEN_TEXT = 2 * WEB_TOKEN_BYTES,   /* in hexadecimal */
};

struct web_session {
	char token[WEB_TOKEN_TEXT + 1]; /* "": a free place */
	char csrf[WEB_TOKEN_TEXT + 1];
	uint8_t password_mark[32];      /* of the password that was right at login */
	uint64_t begun_ms, used_ms;
	bool is_tls;
};
struct web_sessions {
	struct web_session rows[WEB_SESSIONS_MAX];
};

void web_token(char dst[WEB_TOKEN_TEXT + 1]); /* a new random one */

struct web_session *web_session_begin(struct web_sessions *all, bool is_tls,
                                      const uint8_t password_mark[32]);
/* NULL: none of that token, or it is over. is_use: counts as a page that somebody looked at (a
 * script that asks every few seconds must not keep a forgotten browser logged in). */
struct web_session *web_session_find(struct web_sessions *all, struct slice token, bool is_tls,
                                     const uint8_t password_mark[32], bool is_use);
void web_session_end(struct web_session *s);
void web_sessions_wipe(struct web_sessions *all);

#endif
