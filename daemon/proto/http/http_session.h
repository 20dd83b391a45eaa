/* http_session - one HTTP connection; for the files of proto/http only (the contract is http.h).
 *
 * An exchange is one command of the session (proto/session.h): its function goes from the head to
 * the body, to the handler, to the rest of the reply. All that an exchange owns is given back at its
 * end, so that a connection that waits for the next one is small. */
#ifndef PROTO_HTTP_HTTP_SESSION_H
#define PROTO_HTTP_HTTP_SESSION_H

#include <picohttpparser.h>

#include "proto/http/http_head.h"

enum {
	HTTP_HEAD_MS = 30 * 1000,   /* from its first octet to its last */
	HTTP_BODY_MS = 30 * 1000,
	HTTP_WORK_MS = 60 * 1000,   /* in which neither handler nor reply move */
	HTTP_IDLE_MS = 15 * 1000,
	HTTP_EXCHANGES_MAX = 1000,
	HTTP_ADDED_MAX_BYTES = 4 * 1024, /* of fields that a handler adds */
	HTTP_RETRY_AFTER_S = 10,
};

/* The body that comes. */
struct http_intake {
	uint64_t left;         /* by Content-Length */
	bool is_chunked, is_over;
	struct phr_chunked_decoder decoder;
	bool is_in_data, is_behind_data, is_in_trailer; /* of chunks; see http_body.c */
	size_t trailer_bytes;
	struct buf decoded;    /* of chunks, not consumed yet */
};

/* The reply that goes. */
struct http_answer {
	struct buf added;      /* fields */
	struct buf rest;       /* of a whole reply: what had no room yet */
	uint64_t left;         /* of the announced length */
	int status;
	bool is_begun, is_over;
	bool is_bodiless;      /* HEAD, 204, 304 */
	bool is_chunked, is_counted;
	bool is_broken;        /* a field could not be sent as it is */
	bool is_cut;           /* end the connection at once: what was begun has no good end */
};

struct http_session {
	struct session s;      /* first */
	struct http_exchange x;
	enum step (*go_on)(struct http_session *h); /* of the exchange under way, if s.is_busy */
	struct http_scan scan;
	struct http_head *head;
	struct http_intake intake;
	struct http_answer answer;
	unsigned allowed;      /* methods that the path has, when the request's is not one of them */
	uint32_t exchanges;
	bool has_greeted, has_blank_line;
	bool is_last;          /* the connection ends with this exchange */
};

static inline struct http_session *http_session_of(const struct http_exchange *x)
{
	return (struct http_session *)(void *)x->session;
}

/* http_body.c */
void http_intake_begin(struct http_session *h); /* the head is there */
void http_intake_end(struct http_session *h);
/* Asks for the body, when the client waits for that (RFC 9110 10.1.1). */
void http_intake_invite(struct http_session *h);

/* http_reply.c */
/* The exchange's reply is this error's page. STEP_DONE. */
enum step http_refuse(struct http_session *h, int status);
/* The same in plain text, whatever the site: for goodbyes. */
void http_refuse_plainly(struct http_session *h, int status);
/* Moves the rest of a whole reply: STEP_DONE when all is queued. */
enum step http_answer_send(struct http_session *h);
void http_answer_end(struct http_session *h);

#endif
