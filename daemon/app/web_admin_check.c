#include "app/web_admin_check.h"

#include "base/log.h"

void admin_check_begin(struct http_exchange *x, struct admin_check *c)
{
	c->web = web_state(x);
	web_wait_begin(&c->before, x,
		       throttle_before_ms(&web_app(x)->throttle, stream_peer(x->session->stream)));
}

void admin_check_end(struct admin_check *c)
{
	web_wait_end(&c->before);
	web_wait_end(&c->after);
	if (c->web)
		web_check_end(c->web, &c->work);
}

static enum step check_stretch(struct http_exchange *x, struct admin_check *c, const char *field)
{
	if (!c->work) {
		struct slice typed = slice_upto(slice_str(web_field(x, field)), PASSWORD_MAX_BYTES);
		if (!web_check_may_begin(c->web) ||
		    password_check_new(web_app(x), &web_app(x)->admin, typed, &c->work))
			return STEP_BAD;
		c->web->checks++;
	}
	if (password_is_busy(c->work, http_waiter(x)))
		return STEP_MORE;
	c->is_right = password_is_right(c->work);
	c->is_checked = true;
	web_check_end(c->web, &c->work);
	return STEP_DONE;
}

static void check_wrong(struct http_exchange *x, struct admin_check *c)
{
	char from[64];
	session_peer_text(x->session, from, sizeof(from));
	log_warn(x->session->id, "page login failed from %s", from);
	web_wait_begin(&c->after, x,
		       throttle_failed_ms(&web_app(x)->throttle, stream_peer(x->session->stream),
					  SLICE_LIT(WEB_THROTTLE_NAME)));
}

enum step admin_check_run(struct http_exchange *x, struct admin_check *c, const char *field)
{
	if (web_wait_is_on(&c->before, x))
		return STEP_MORE;
	if (!c->is_checked) {
		enum step step = check_stretch(x, c, field);
		if (step != STEP_DONE)
			return step;
		if (c->is_right)
			throttle_succeeded(&web_app(x)->throttle, stream_peer(x->session->stream),
					   SLICE_LIT(WEB_THROTTLE_NAME));
		else
			check_wrong(x, c);
	}
	return !c->is_right && web_wait_is_on(&c->after, x) ? STEP_MORE : STEP_DONE;
}
