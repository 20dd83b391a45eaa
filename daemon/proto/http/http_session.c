#include "proto/http/http_session.h"

#include <stdlib.h>

#include "base/log.h"

/* --- the exchange ----------------------------------------------------------------------------- */

static enum step http_then(struct http_session *h, enum step (*go_on)(struct http_session *h))
{
	h->go_on = go_on;
	return session_then(&h->s);
}

/* Gives back what the handler and the gate have left. */
static void http_leave_handler(struct http_session *h)
{
	struct http_exchange *x = &h->x;
	if (x->cmd_end)
		x->cmd_end(x);
	if (x->site_data_free)
		x->site_data_free(x->site_data);
	buf_wipe(&x->body);
	waiter_cancel(&h->s.waiter);
	x->cmd = x->site_data = NULL;
	x->cmd_end = NULL;
	x->site_data_free = NULL;
}

static void http_exchange_free(struct http_session *h)
{
	http_leave_handler(h);
	http_intake_end(h);
	http_answer_end(h);
	http_head_free(&h->head);
	h->x = (struct http_exchange){.session = &h->s};
}

/* What was said is on its way; the next head may come. */
static enum step http_finish(struct http_session *h)
{
	bool is_cut = h->answer.is_cut;
	log_debug(h->s.id, "http: %d", h->answer.status);
	http_exchange_free(h);
	h->exchanges++;
	h->scan = (struct http_scan){.at = 0};
	h->has_blank_line = false;
	if (is_cut)
		return STEP_BAD;
	h->s.is_quitting = h->is_last;
	session_set_deadline(&h->s, 0);
	session_set_timeout(&h->s, HTTP_IDLE_MS);
	return STEP_DONE;
}

/* The deadline moves with the handler and with the reply, as long as the client takes it: not with what
 * he sends meanwhile, nor with the single octets that he may read. */
static void http_note_progress(struct http_session *h)
{
	if (stream_queued(h->s.stream) <= STREAM_LOW_WATER)
		session_set_deadline(&h->s, HTTP_WORK_MS);
}

static enum step http_send_rest(struct http_session *h)
{
	http_note_progress(h);
	if (!h->answer.is_cut && http_answer_send(h) == STEP_MORE)
		return STEP_MORE;
	/* Between exchanges, or after a goodbye, there would be less time for a slow network. */
	bool is_slow = !h->answer.is_cut && stream_queued(h->s.stream) > STREAM_LOW_WATER &&
		       !stream_is_sent(h->s.stream);
	h->s.awaits = is_slow;
	return is_slow ? STEP_MORE : http_finish(h);
}

/* The handler has nothing more to say: what it holds need not wait for a slow reader. */
static enum step http_answered(struct http_session *h)
{
	if (!h->answer.is_begun && !h->answer.is_cut) {
		log_error(h->s.id, "http: no reply from the handler");
		http_refuse(h, 500);
	}
	if (!h->answer.is_over)
		h->answer.is_cut = true;
	http_leave_handler(h);
	session_set_deadline(&h->s, HTTP_WORK_MS);
	return http_then(h, http_send_rest);
}

static enum step http_answer_error(struct http_session *h, int status)
{
	http_refuse(h, status);
	return http_answered(h);
}

/* The request itself is wrong, so whatever follows it cannot be trusted. */
static enum step http_give_up(struct http_session *h, int status)
{
	h->is_last = true;
	return http_answer_error(h, status);
}

/* --- the handler ------------------------------------------------------------------------------ */

static enum step http_work(struct http_session *h)
{
	http_note_progress(h);
	enum step step = h->x.route->run(&h->x);
	if (step == STEP_MORE)
		return STEP_MORE;
	if (step == STEP_BAD && h->answer.is_begun)
		h->answer.is_cut = true;
	return http_answered(h);
}

static enum step http_begin_work(struct http_session *h)
{
	const struct http_site *site = h->s.host->site;
	session_set_deadline(&h->s, HTTP_WORK_MS);
	if (site->admit && site->admit(&h->x) != STEP_MORE)
		return http_answered(h);
	return http_then(h, http_work);
}

static enum step http_take_body(struct http_session *h)
{
	for (;;) {
		struct slice bytes;
		enum step step = http_read(&h->x, &bytes);
		if (step == STEP_BAD)
			return http_give_up(h, 400);
		if (step == STEP_DONE)
			return http_begin_work(h);
		if (!bytes.len)
			return STEP_MORE;
		enum err err = buf_add_slice(&h->x.body, bytes);
		if (err)
			return http_give_up(h, err == ERR_LIMIT ? 413 : 500);
		http_consume(&h->x, bytes.len);
	}
}

/* --- the route -------------------------------------------------------------------------------- */

static bool http_path_fits(const struct http_route *route, struct slice path, struct slice *tail)
{
	size_t len = strlen(route->path);
	bool is_prefix = len && route->path[len - 1] == '*';
	struct slice fixed = slice_of(route->path, len - is_prefix);
	*tail = slice_from(path, fixed.len);
	return is_prefix ? slice_starts(path, fixed) : slice_eq(path, fixed);
}

/* HEAD comes with GET. Notes what would have been allowed. */
static void http_find_route(struct http_session *h)
{
	struct http_exchange *x = &h->x;
	unsigned wanted = x->request.method == HTTP_HEAD ? HTTP_GET : x->request.method;
	h->allowed = 0;
	for (const struct http_routes *const *t = h->s.host->site->tables; *t; t++)
		for (size_t i = 0; i < (*t)->count; i++) {
			const struct http_route *route = &(*t)->rows[i];
			struct slice tail;
			if (!http_path_fits(route, x->request.path, &tail))
				continue;
			h->allowed |= route->methods & ~(unsigned)HTTP_HEAD;
			if (!(route->methods & wanted))
				continue;
			x->route = route;
			x->tail = tail;
			return;
		}
}

static enum step http_serve(struct http_session *h)
{
	const struct http_site *site = h->s.host->site;
	struct http_exchange *x = &h->x;
	if (!site)
		return http_answer_error(h, 503);
	http_find_route(h);
	if (site->gate(x) != STEP_MORE)
		return http_answered(h);
	if (!x->route)
		return http_answer_error(h, h->allowed ? 405 : 404);
	if (x->route->streams_body)
		return http_begin_work(h);
	if (!h->intake.is_chunked && h->intake.left > x->route->body_max)
		return http_give_up(h, 413);
	buf_init(&x->body, x->route->body_max);
	session_set_deadline(&h->s, HTTP_BODY_MS);
	return http_then(h, http_take_body);
}

/* --- the head --------------------------------------------------------------------------------- */

/* RFC 9112 2.2: one empty line before a request is no harm; some clients end a body with it. */
static void http_skip_blank_line(struct http_session *h)
{
	if (h->has_blank_line || h->scan.at ||
	    !slice_starts(stream_input(h->s.stream), SLICE_LIT("\r\n")))
		return;
	stream_consume(h->s.stream, 2);
	h->has_blank_line = true;
}

static enum step http_parse_head(struct http_session *h)
{
	struct slice input = stream_input(h->s.stream);
	int status = http_head_parse(slice_upto(input, h->scan.at), &h->head);
	if (status)
		return http_give_up(h, status);
	stream_consume(h->s.stream, h->scan.at);
	h->x.request = h->head->request;
	http_intake_begin(h);
	return http_serve(h);
}

static enum step http_next_head(struct http_session *h)
{
	bool is_new = h->scan.at == 0;
	http_skip_blank_line(h);
	struct slice input = stream_input(h->s.stream);
	if (input.len == 0)
		return STEP_MORE;
	if (input.len == 1 && is_new && input.ptr[0] == '\r' && !stream_at_eof(h->s.stream))
		return STEP_MORE; /* half of an empty line, perhaps */
	enum step step = http_head_find(&h->scan, slice_upto(input, HTTP_HEAD_MAX_BYTES));
	if (is_new) {
		session_set_timeout(&h->s, 0);
		session_set_deadline(&h->s, HTTP_HEAD_MS);
	}
	if (step == STEP_DONE)
		return http_parse_head(h);
	if (step == STEP_BAD)
		return http_give_up(h, 400);
	if (input.len >= HTTP_HEAD_MAX_BYTES)
		return http_give_up(h, 431);
	return stream_at_eof(h->s.stream) ? http_give_up(h, 400) : STEP_MORE;
}

/* --- the session ------------------------------------------------------------------------------ */

static enum step http_step(struct session *base)
{
	struct http_session *h = (struct http_session *)base;
	return base->is_busy ? h->go_on(h) : http_next_head(h);
}

static enum step http_run(struct session *base)
{
	struct http_session *h = (struct http_session *)base;
	if (!h->has_greeted) {
		h->has_greeted = true;
		session_set_timeout(base, HTTP_IDLE_MS);
	}
	return session_run_commands(base, http_step);
}

/* Words only where the client waits for an answer and none was begun. */
static void http_goodbye(struct session *base, enum goodbye why)
{
	struct http_session *h = (struct http_session *)base;
	bool is_waiting = base->is_busy || h->scan.at > 0;
	h->is_last = true;
	if (h->answer.is_begun || (why != GOODBYE_LIMIT && !is_waiting))
		return;
	if (why == GOODBYE_LIMIT)
		http_add_field(&h->x, "Retry-After", "%d", HTTP_RETRY_AFTER_S);
	http_refuse_plainly(h, why == GOODBYE_TIMEOUT && !h->intake.is_over ? 408 : 503);
}

static bool http_is_idle(const struct session *base)
{
	const struct http_session *h = (const struct http_session *)base;
	return !base->is_busy && h->scan.at == 0;
}

static void http_free(struct session *base)
{
	struct http_session *h = (struct http_session *)base;
	http_exchange_free(h);
	free(h);
}

static const struct session_ops http_ops = {
	.name = "http",
	.run = http_run,
	.goodbye = http_goodbye,
	.is_idle = http_is_idle,
	.free = http_free,
};

void http_session_start(struct host *host, struct stream *stream, bool over_limit)
{
	struct http_session *h = calloc(1, sizeof(*h));
	if (!h) {
		stream_abort(&stream);
		return;
	}
	h->x.session = &h->s;
	session_start(&h->s, &http_ops, SERVICE_HTTP, host, stream, over_limit);
}

/* --- what handlers ask ------------------------------------------------------------------------ */

bool http_must_pause(struct http_exchange *x)
{
	return session_must_pause(x->session);
}

struct waiter *http_waiter(struct http_exchange *x)
{
	return &x->session->waiter;
}

bool http_is_tls(const struct http_exchange *x)
{
	return session_is_tls(x->session);
}
