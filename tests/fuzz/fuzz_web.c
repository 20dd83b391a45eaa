/* The page itself, asked by somebody who has logged in: any page, any query, any form or JSON.
 *
 * An input is the line of a request without its end ("POST /mail/alice?x=y"), a line feed, and the
 * body. Whatever is sent, there is one reply, nothing of the request becomes a field of it, and the
 * settings that were saved can be read again. */
#include <stdio.h>
#include <stdlib.h>

#include "app/app_part.h"
#include "app/web_visit.h"
#include "base/log.h"
#include "store/store_ops.h"
#include "support/app_kit.h"

enum { LINE_TEXT_MAX = 512, BODY_MAX = 16 * 1024, TURNS_MAX = 4000, IN_MAX = 32 * 1024 };

extern const struct app_part web_part;

/* A broken octet in the request line would only test proto/http again. */
static void line_copy(char *dst, struct slice line)
{
	size_t n = 0;
	for (; n < line.len && n < LINE_TEXT_MAX; n++)
		dst[n] = line.ptr[n] > ' ' && line.ptr[n] < 127 ? (char)line.ptr[n] : '%';
	dst[n] = 0;
}

static void request_build(struct buf *dst, const struct web_session *session, struct slice rest)
{
	char target[LINE_TEXT_MAX + 1];
	struct slice line = slice_split(&rest, '\n');
	bool is_post = slice_eq_str(slice_split(&line, ' '), "POST");
	line_copy(target, line);
	rest = slice_upto(rest, BODY_MAX);
	const char *type = rest.len && rest.ptr[0] == '{' ? "application/json"
							  : "application/x-www-form-urlencoded";
	enum err err = buf_addf(dst,
				"%s /%s HTTP/1.1\r\nHost: localhost\r\nCookie: surel=%s\r\n"
				"X-CSRF-Token: %s\r\nConnection: close\r\n",
				is_post ? "POST" : "GET", target, session->token, session->csrf);
	if (!err && is_post)
		err = buf_addf(dst, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, rest.len);
	if (!err)
		err = buf_add_str(dst, "\r\n");
	if (!err && is_post)
		err = buf_add_slice(dst, rest);
	if (err)
		abort();
}

static void check_reply(struct slice said)
{
	size_t end = slice_find(said, SLICE_LIT("\r\n\r\n"));
	struct slice head = slice_upto(said, end);
	if (!slice_starts(said, SLICE_LIT("HTTP/1.1 ")) || end == SIZE_MAX ||
	    slice_find(head, SLICE_LIT("\r\nX-Content-Type-Options: nosniff")) == SIZE_MAX)
		abort();
	for (size_t i = 0; i < head.len; i++)
		if ((head.ptr[i] < ' ' && head.ptr[i] != '\r' && head.ptr[i] != '\n') ||
		    head.ptr[i] == 127)
			abort();
}

/* Whatever was saved, the next start must be able to read. */
static void check_settings(const struct app_kit *k)
{
	struct conf read;
	struct buf why;
	buf_init(&why, 1024);
	conf_init(&read);
	if (conf_load(k->app.config_path, &read, &why))
		abort();
	conf_free(&read);
	buf_free(&why);
}

static void ask(struct app_kit *k, struct slice request)
{
	struct peer peer;
	peer_open(&peer, k->app.loop, IN_MAX);
	http_session_start(&k->app.host, peer.stream, false);
	peer_send(&peer, request);
	for (int i = 0; i < TURNS_MAX && !peer_is_closed(&peer); i++) {
		peer_settle(&peer);
		worker_pool_drain(k->app.workers);
		app_kit_turn(k);
	}
	if (!peer_is_closed(&peer))
		abort();
	check_reply(buf_view(&peer.got));
	peer_close(&peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct app_kit k;
	struct buf request;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	app_kit_open(&k, &store_ram_ops, SERVICE_LMTP);
	snprintf(k.app.hostname, sizeof(k.app.hostname), "box");
	k.app.host.hostname = k.app.hostname;
	k.app.host.version = "0";
	k.app.admin.is_real = true;
	app_kit_add_user(&k, "alice", "secret");
	if (web_part.start(&k.app))
		abort();
	buf_init(&request, 64 * 1024);
	request_build(&request,
		      web_session_begin(&k.app.web->sessions, false, k.app.admin.stored_key),
		      slice_of(data, size));
	ask(&k, buf_view(&request));
	check_settings(&k);
	buf_free(&request);
	app_kit_close(&k);
	return 0;
}
