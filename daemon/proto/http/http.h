/* http - HTTP/1.1 server connections (RFC 9110, RFC 9112): one exchange after the other.
 *
 * The application gives a struct http_site (host->site): what to do before anything else (the
 * gate), routes, and pages for errors. A session reads a head, finds the route, asks the gate, takes
 * the body, then calls the route's handler again and again until it says STEP_DONE, as a long IMAP
 * command: it may stop for room, for a waiter (http_waiter) or for the slice (http_must_pause), and
 * keeps its own data in x->cmd, which cmd_end frees whatever happens.
 *
 * Limits: a head of 8 KiB with at most 64 fields, a body of at most the route's body_max, 30 s for
 * each of them; then 60 s in which neither handler nor reply (nor a body that is streamed) moves; 15 s
 * between two exchanges, 1000 exchanges a connection. Between exchanges a session keeps no buffers.
 * Anything that RFC 9112 calls ambiguous (two lengths, a length beside chunked, blanks before the
 * colon, folded fields, controls, a Host that is missing or there twice) is answered by 400 and the
 * connection ends: nothing can be smuggled.
 * Every field that is sent passes one writer that refuses CR, LF and NUL. */
#ifndef PROTO_HTTP_HTTP_H
#define PROTO_HTTP_HTTP_H

#include "proto/session.h"

enum http_method { HTTP_GET = 1, HTTP_HEAD = 2, HTTP_POST = 4, HTTP_OPTIONS = 8 }; /* bits */

enum {
	HTTP_HEAD_MAX_BYTES = 8 * 1024,
	HTTP_FIELDS_MAX = 64,
	HTTP_FORM_MAX_BYTES = 64 * 1024, /* the usual body_max of a form */
	HTTP_REPLY_MAX_BYTES = 512 * 1024, /* of a reply that is made whole */
};

struct http_request {
	enum http_method method; /* 0: any other; it has no route */
	struct slice path;   /* percent-decoded, begins with '/', no "." or ".." segment, no NUL */
	struct slice query;  /* behind '?', as sent */
	struct slice target; /* both, as sent: for sending the client to the same place elsewhere */
	struct slice host;   /* Host without the port, as sent */
	uint16_t port;       /* of Host; 0: none named */
	uint64_t content_length; /* UINT64_MAX: chunked */
};

struct http_exchange;
struct http_route {
	const char *path;    /* "/login"; a trailing '*' stands for anything: "/users/" "*" */
	uint8_t methods;     /* bits of enum http_method; HEAD comes with GET. Others: 405 */
	uint8_t access;      /* the site's own */
	bool streams_body;   /* run takes the body itself, by http_read; no limit but its own */
	uint32_t body_max;   /* taken whole before run is called; more: 413. 0: no body */
	enum step (*run)(struct http_exchange *x);
};
struct http_routes {
	const struct http_route *rows;
	size_t count;
};

struct http_site {
	const struct http_routes *const *tables; /* closed by NULL; the first that fits is taken */
	/* Called when the head is whole, before the body is read. STEP_DONE: it has answered (a
	 * refusal, a redirect); STEP_MORE: go on with the route. Does not wait. */
	enum step (*gate)(struct http_exchange *x);
	/* NULL, or called once before the handler, when the body is there (for a route that streams
	 * its body: not yet): what the gate could not see, such as a form's token. Same answers. */
	enum step (*admit)(struct http_exchange *x);
	/* The page for 400, 404, 405, 413, 431 and 500 of this layer's own, and for what the site
	 * refuses itself. Must call http_reply. There may be no request: then its fields are empty.
	 * Allow and Connection are there already. NULL: a plain sentence. */
	void (*error_page)(struct http_exchange *x, int status);
};

struct http_exchange {
	struct session *session;         /* peer, host, TLS */
	struct http_request request;     /* valid until the exchange is over */
	const struct http_route *route;  /* NULL: there is none (404, 405) */
	struct slice tail;               /* of the path: what '*' stood for */
	struct buf body;                 /* of a route that does not stream */
	void *cmd;
	void (*cmd_end)(struct http_exchange *x);
	void *site_data;                 /* the gate's, for the handler: who is logged in, language */
	void (*site_data_free)(void *site_data);
};

/* A field of the request, trimmed; empty when it is not there (a Cookie or Accept-Language that
 * comes in several fields is joined as RFC 9110 5.3 and RFC 9112 allow). */
struct slice http_field(const struct http_exchange *x, const char *name);
/* The cookie of this name; empty: none. */
struct slice http_cookie(const struct http_exchange *x, const char *name);
/* Value of a form field (application/x-www-form-urlencoded body) or of the query, decoded, appended
 * to dst. ERR_NOT_FOUND; ERR_SYNTAX: not UTF-8, NUL, or broken; ERR_LIMIT. `nth` counts fields of
 * the same name from 0. */
MUST_CHECK enum err http_form(const struct http_exchange *x, const char *name, unsigned nth,
                              struct buf *dst);
MUST_CHECK enum err http_query(const struct http_exchange *x, const char *name, struct buf *dst);

/* --- replies. One http_reply, or http_begin .. http_end, for each exchange. ------------------- */
/* Before the reply: a further field. Content-Length, Date, Connection, Server are made here. One that
 * cannot be sent as it is (CR, LF, NUL; 4 KiB in all) makes the reply a 500. */
void http_add_field(struct http_exchange *x, const char *name, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
/* Whole; copied. HEAD gets the head of it. Returns STEP_DONE, so that handlers can end by it. */
enum step http_reply(struct http_exchange *x, int status, const char *content_type,
                     struct slice body);
enum step http_redirect(struct http_exchange *x, const char *fmt, ...) PRINTF_LIKE(2, 3); /* 303 */
/* In pieces: length UINT64_MAX when it is not known (chunked; HTTP/1.0: until the connection ends).
 * http_write takes all, and may be called while http_room says there is room. */
void   http_begin(struct http_exchange *x, int status, const char *content_type, uint64_t length);
size_t http_room(struct http_exchange *x);
void   http_write(struct http_exchange *x, struct slice bytes);
enum step http_end(struct http_exchange *x); /* STEP_DONE */
/* What was begun cannot be ended well: the connection is cut, so that the client sees it. */
enum step http_abort(struct http_exchange *x);

/* A streamed body: STEP_MORE with bytes (which http_consume then drops) or without (wait), STEP_DONE
 * at its end, STEP_BAD when the client broke it off. */
enum step http_read(struct http_exchange *x, struct slice *bytes_out);
void      http_consume(struct http_exchange *x, size_t n);

bool http_must_pause(struct http_exchange *x);
struct waiter *http_waiter(struct http_exchange *x);
bool http_is_tls(const struct http_exchange *x);

/* Why a request is refused, as a sentence for people ("There is no such page."). */
const char *http_sentence(int status);

/* host->site NULL: every request is answered by 503. */
void http_session_start(struct host *host, struct stream *stream, bool over_limit);

#endif
