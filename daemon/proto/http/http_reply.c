#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/http/http_session.h"

static const struct http_status {
	int status;
	const char *reason, *sentence;
} http_statuses[] = {
	{200, "OK", ""},
	{201, "Created", ""},
	{202, "Accepted", ""},
	{204, "No Content", ""},
	{206, "Partial Content", ""},
	{301, "Moved Permanently", "This page is somewhere else now."},
	{302, "Found", "Please go on with another page."},
	{303, "See Other", "Please go on with another page."},
	{304, "Not Modified", ""},
	{307, "Temporary Redirect", "Please go on with another page."},
	{308, "Permanent Redirect", "This page is somewhere else now."},
	{400, "Bad Request", "This request is not understood."},
	{401, "Unauthorized", "Please log in first."},
	{403, "Forbidden", "This is not allowed."},
	{404, "Not Found", "There is no such page."},
	{405, "Method Not Allowed", "This page cannot be used in that way."},
	{408, "Request Timeout", "The request took too long to arrive."},
	{409, "Conflict", "Somebody else has changed this meanwhile."},
	{411, "Length Required", "The request does not say how long it is."},
	{413, "Content Too Large", "That is more than this page takes."},
	{415, "Unsupported Media Type", "This page does not take that kind of data."},
	{421, "Misdirected Request", "This server does not answer to that name."},
	{422, "Unprocessable Content", "Something in the form needs another look."},
	{429, "Too Many Requests", "Too many attempts. Please wait a moment."},
	{431, "Request Header Fields Too Large", "The head of the request is too long."},
	{500, "Internal Server Error", "Something went wrong here."},
	{501, "Not Implemented", "This server cannot do that."},
	{503, "Service Unavailable", "This server is busy. Please try again in a moment."},
	{507, "Insufficient Storage", "There is no room left for that."},
};

static const struct http_status *http_status_find(int status)
{
	static const struct http_status other = {0, "Other", "This did not work."};
	for (size_t i = 0; i < sizeof(http_statuses) / sizeof(http_statuses[0]); i++)
		if (http_statuses[i].status == status)
			return &http_statuses[i];
	return &other;
}

const char *http_sentence(int status)
{
	return http_status_find(status)->sentence;
}

/* --- fields ----------------------------------------------------------------------------------- */

static void PRINTF_LIKE(3, 0)
	http_add_fieldv(struct http_answer *a, const char *name, const char *fmt, va_list args)
{
	struct buf *added = &a->added;
	added->max_bytes = HTTP_ADDED_MAX_BYTES;
	size_t start = added->len;
	enum err err = buf_addf(added, "%s: ", name);
	if (!err)
		err = buf_addv(added, fmt, args);
	struct slice line = slice_from(buf_view(added), start);
	for (size_t i = 0; !err && i < line.len; i++)
		if ((line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
			err = ERR_SYNTAX;
	if (!err)
		err = buf_add_str(added, "\r\n");
	if (!err)
		return;
	log_warn(0, "http: the field %s cannot be sent: %s", name, err_text(err));
	buf_truncate(added, start);
	a->is_broken = true;
}

void http_add_field(struct http_exchange *x, const char *name, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	http_add_fieldv(&http_session_of(x)->answer, name, fmt, args);
	va_end(args);
}

/* --- heads ------------------------------------------------------------------------------------ */

static bool http_has_no_body(const struct http_session *h, int status)
{
	return h->x.request.method == HTTP_HEAD || status == 204 || status == 304 || status < 200;
}

/* A body that was not read to its end would be taken for the next request. */
static void http_decide_last(struct http_session *h)
{
	if (!h->head || !h->head->is_kept_alive || !h->intake.is_over || h->answer.is_cut ||
	    h->exchanges + 1 >= HTTP_EXCHANGES_MAX ||
	    (stream_at_eof(h->s.stream) && !stream_input(h->s.stream).len))
		h->is_last = true;
}

static void http_say_date(struct http_session *h)
{
	time_t now = (time_t)clock_wall_s();
	struct tm tm;
	/* Without a clock no date is better than a wrong one (RFC 9110 6.6.1). */
	if (!clock_is_sane() || !gmtime_r(&now, &tm))
		return;
	session_sayf(&h->s, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d GMT\r\n",
		     &"SunMonTueWedThuFriSat"[3 * tm.tm_wday], tm.tm_mday,
		     &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * tm.tm_mon], tm.tm_year + 1900,
		     tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void http_say_head(struct http_session *h, const char *content_type, uint64_t length)
{
	struct http_answer *a = &h->answer;
	bool is_1_0 = h->head && h->head->minor_version == 0;
	a->is_chunked = length == UINT64_MAX && !is_1_0;
	a->is_counted = length != UINT64_MAX;
	a->left = length;
	if (length == UINT64_MAX && is_1_0)
		h->is_last = true;
	session_sayf(&h->s, "HTTP/1.1 %d %s\r\n", a->status, http_status_find(a->status)->reason);
	http_say_date(h);
	session_say(&h->s, SLICE_LIT("Server: Surel\r\n"));
	if (content_type)
		session_sayf(&h->s, "Content-Type: %s\r\n", content_type);
	if (a->is_counted && a->status != 204 && a->status != 304)
		session_sayf(&h->s, "Content-Length: %llu\r\n", (unsigned long long)length);
	else if (a->is_chunked)
		session_say(&h->s, SLICE_LIT("Transfer-Encoding: chunked\r\n"));
	if (h->is_last)
		session_say(&h->s, SLICE_LIT("Connection: close\r\n"));
	else if (is_1_0)
		session_say(&h->s, SLICE_LIT("Connection: keep-alive\r\n"));
	session_say(&h->s, buf_view(&a->added));
	session_say(&h->s, SLICE_LIT("\r\n"));
	buf_free(&a->added);
}

static bool http_open(struct http_session *h, int status)
{
	struct http_answer *a = &h->answer;
	if (a->is_begun) {
		log_error(h->s.id, "http: a second reply, %d after %d", status, a->status);
		a->is_cut = true;
		return false;
	}
	a->is_begun = true;
	a->status = status;
	a->is_bodiless = http_has_no_body(h, status);
	http_decide_last(h);
	return true;
}

/* --- whole replies ---------------------------------------------------------------------------- */

static void http_say_whole(struct http_session *h, int status, const char *content_type,
			   struct slice body)
{
	if (!http_open(h, status))
		return;
	h->answer.is_over = true;
	http_say_head(h, content_type, body.len);
	if (h->answer.is_bodiless)
		return;
	/* What has room goes out at once, mostly all of it. */
	struct slice now = slice_upto(body, stream_room(h->s.stream));
	session_say(&h->s, now);
	if (now.len == body.len)
		return;
	buf_init(&h->answer.rest, HTTP_REPLY_MAX_BYTES);
	if (buf_add_slice(&h->answer.rest, slice_from(body, now.len)))
		h->answer.is_cut = true;
}

void http_refuse_plainly(struct http_session *h, int status)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "%s\n", http_sentence(status));
	http_add_field(&h->x, "Cache-Control", "no-store");
	http_add_field(&h->x, "X-Content-Type-Options", "nosniff");
	http_say_whole(h, status, "text/plain; charset=utf-8", slice_of(text, (size_t)len));
}

enum step http_reply(struct http_exchange *x, int status, const char *content_type,
		     struct slice body)
{
	struct http_session *h = http_session_of(x);
	bool is_too_long = body.len > HTTP_REPLY_MAX_BYTES;
	if (is_too_long)
		log_error(h->s.id, "http: a reply of %zu bytes", body.len);
	if (is_too_long || (h->answer.is_broken && !h->answer.is_begun)) {
		buf_clear(&h->answer.added);
		http_refuse_plainly(h, 500);
	} else {
		http_say_whole(h, status, content_type, body);
	}
	return STEP_DONE;
}

enum step http_redirect(struct http_exchange *x, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	http_add_fieldv(&http_session_of(x)->answer, "Location", fmt, args);
	va_end(args);
	return http_reply(x, 303, NULL, SLICE_EMPTY);
}

static void http_add_allow(struct http_session *h)
{
	static const struct {
		unsigned method;
		const char *name;
	} rows[] = {{HTTP_GET, "GET, HEAD"}, {HTTP_POST, "POST"}, {HTTP_OPTIONS, "OPTIONS"}};
	char text[40] = "";
	size_t len = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (h->allowed & rows[i].method)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? ", " : "", rows[i].name);
	http_add_field(&h->x, "Allow", "%s", text);
}

enum step http_refuse(struct http_session *h, int status)
{
	const struct http_site *site = h->s.host->site;
	if (h->answer.is_begun)
		return STEP_DONE;
	if (status == 405)
		http_add_allow(h);
	if (site && site->error_page)
		site->error_page(&h->x, status);
	if (!h->answer.is_begun)
		http_refuse_plainly(h, status);
	return STEP_DONE;
}

enum step http_answer_send(struct http_session *h)
{
	struct buf *rest = &h->answer.rest;
	while (rest->len) {
		struct slice piece = slice_upto(buf_view(rest), stream_room(h->s.stream));
		if (!piece.len)
			return STEP_MORE;
		session_say(&h->s, piece);
		buf_consume(rest, piece.len);
	}
	buf_free(rest);
	return STEP_DONE;
}

void http_answer_end(struct http_session *h)
{
	buf_free(&h->answer.added);
	buf_free(&h->answer.rest);
	h->answer = (struct http_answer){.status = 0};
}

/* --- replies in pieces ------------------------------------------------------------------------ */

void http_begin(struct http_exchange *x, int status, const char *content_type, uint64_t length)
{
	struct http_session *h = http_session_of(x);
	if (h->answer.is_broken) {
		http_reply(x, status, content_type, SLICE_EMPTY); /* that is a 500 */
		return;
	}
	if (http_open(h, status))
		http_say_head(h, content_type, length);
}

size_t http_room(struct http_exchange *x)
{
	return stream_room(http_session_of(x)->s.stream);
}

void http_write(struct http_exchange *x, struct slice bytes)
{
	struct http_session *h = http_session_of(x);
	struct http_answer *a = &h->answer;
	if (!a->is_begun || a->is_over || a->is_bodiless || !bytes.len)
		return;
	if (a->is_counted && bytes.len > a->left) {
		log_error(h->s.id, "http: more of a reply than its length");
		a->is_cut = true;
		return;
	}
	if (a->is_chunked)
		session_sayf(&h->s, "%zx\r\n", bytes.len);
	session_say(&h->s, bytes);
	if (a->is_chunked)
		session_say(&h->s, SLICE_LIT("\r\n"));
	a->left -= a->is_counted ? bytes.len : 0;
}

enum step http_end(struct http_exchange *x)
{
	struct http_session *h = http_session_of(x);
	struct http_answer *a = &h->answer;
	if (a->is_over)
		return STEP_DONE;
	a->is_over = true;
	if (a->is_counted && a->left && !a->is_bodiless)
		a->is_cut = true;
	if (a->is_chunked && !a->is_bodiless && !a->is_cut)
		session_say(&h->s, SLICE_LIT("0\r\n\r\n"));
	return STEP_DONE;
}

enum step http_abort(struct http_exchange *x)
{
	http_session_of(x)->answer.is_cut = true;
	return STEP_DONE;
}
