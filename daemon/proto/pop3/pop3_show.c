#include <stdlib.h>

#include "base/clock.h"
#include "proto/pop3/pop3_drop.h"
#include "proto/pop3/pop3_note.h"

enum { LOOKS_A_TIME = 64 }; /* infos between two looks at the clock */

/* --- by what is noted ------------------------------------------------------------------------- */

/* With "from now on": below which UID nothing is shown, or, where nobody has noted that (a mailbox
 * that is newer than the window, a cut while it was set), since when. */
static uint32_t show_window(struct pop3_box *b, const struct policy *policy,
			    const struct pop3_state *state)
{
	b->since_s = 0;
	if (policy->pop3_access != POP3_FROM_NOW_ON)
		return 0;
	if (state->window_s != (int64_t)policy->pop3_from_s)
		b->since_s = (int64_t)policy->pop3_from_s;
	return state->window_uid;
}

/* The UIDs that are not shown, as far as the state knows. */
static enum err show_unwanted(const struct pop3_drop *d, struct pop3_box *b,
			      struct pop3_state *state, struct pop3_runs *runs_out)
{
	const struct policy *policy = &d->login->policy;
	struct pop3_device *device = pop3_state_find(state, pop3_drop_device(d));
	struct pop3_runs before = {.at = NULL};
	enum err err = ERR_NONE;
	uint32_t window = show_window(b, policy, state);
	if (window > 1)
		err = pop3_runs_push(&before, (struct pop3_run){.first = 1, .last = window - 1});
	if (!err)
		err = pop3_runs_unite(runs_out, &before);
	if (!err && device)
		err = pop3_runs_unite(runs_out, &device->hidden);
	if (!err && device && !policy->pop3_show_again && !d->login->is_recent)
		err = pop3_runs_unite(runs_out, &device->downloaded);
	pop3_runs_free(&before);
	return err;
}

/* Adds what lies between the unwanted runs to `shown`, and the messages in them to `left_out`. */
static enum err show_split(struct pop3_drop *d, uint32_t box, const struct pop3_runs *unwanted,
			   struct pop3_spans *shown, struct pop3_spans *left_out)
{
	struct view *view = &d->boxes[box].view;
	uint32_t seq = 1;
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < unwanted->count && !err; i++) {
		const struct pop3_run *run = &unwanted->at[i];
		uint32_t from = view_seq_at_or_after(view, run->first);
		uint32_t to = run->last == UINT32_MAX ? view->count + 1
						      : view_seq_at_or_after(view, run->last + 1);
		err = pop3_spans_add(shown, (struct pop3_span){0, seq, from - seq, box});
		if (!err)
			err = pop3_spans_add(left_out, (struct pop3_span){0, from, to - from, box});
		seq = to;
	}
	return err ? err
		   : pop3_spans_add(shown, (struct pop3_span){0, seq, view->count + 1 - seq, box});
}

static uint32_t spans_total(const struct pop3_spans *spans)
{
	const struct pop3_span *last = spans->count ? &spans->at[spans->count - 1] : NULL;
	return last ? last->number + last->count - 1 : 0;
}

/* --- one mailbox after the other -------------------------------------------------------------- */

/* One device too many cannot be remembered: better told at login than at QUIT. */
static bool show_has_place(const struct pop3_drop *d, struct pop3_state *state)
{
	const char *label = pop3_drop_device(d);
	return pop3_state_find(state, label) ||
	       (state->device_count <= POP3_DEVICES_MAX && strlen(label) <= POP3_LABEL_MAX);
}

static enum err show_box(struct pop3_drop *d, uint32_t box, struct pop3_spans *left_out)
{
	struct pop3_box *b = &d->boxes[box];
	struct pop3_state state;
	struct pop3_runs unwanted = {.at = NULL};
	enum err err = view_open_numbers(&b->view, b->box);
	if (err)
		return err;
	err = pop3_note_read(b->box, &state);
	if (!err)
		err = show_has_place(d, &state) ? ERR_NONE : ERR_LIMIT;
	if (!err)
		err = show_unwanted(d, b, &state, &unwanted);
	if (!err)
		err = show_split(d, box, &unwanted, &d->spans, left_out);
	pop3_runs_free(&unwanted);
	pop3_state_free(&state);
	d->octets += b->box->size_bytes;
	return err;
}

static bool show_needs_dates(const struct pop3_drop *d)
{
	bool needs = d->login->is_recent && clock_is_sane();
	for (uint32_t i = 0; i < d->box_count; i++)
		needs = needs || d->boxes[i].since_s;
	return needs;
}

/* Dates and sizes are in the infos. Of what is shown all must be looked at when dates matter; for
 * the sum of sizes it is enough to look at what is shown or at what is not, whichever is less: mail
 * that is all shown costs nothing, and neither does mail that is all downloaded. */
enum err pop3_show_begin(struct pop3_drop *d)
{
	struct pop3_spans left_out = {.at = NULL};
	enum err err = ERR_NONE;
	d->look.is_begun = true;
	for (uint32_t i = 0; i < d->box_count && !err; i++)
		err = show_box(d, i, &left_out);
	d->count = spans_total(&d->spans);
	d->look.is_filter = show_needs_dates(d);
	d->look.is_shown = d->look.is_filter || d->count <= spans_total(&left_out);
	if (d->look.is_shown) {
		free(left_out.at);
		d->octets = 0;
	} else {
		d->look.todo = left_out;
	}
	if (d->look.is_filter) { /* what passes is put together anew */
		d->look.todo = d->spans;
		d->spans = (struct pop3_spans){.at = NULL};
	}
	return err;
}

/* --- looking ---------------------------------------------------------------------------------- */

static enum err look_info(struct pop3_box *b, uint32_t seq, struct msg_info *info_out)
{
	if (!b->view.expunged.count && !b->view.is_gone)
		return mailbox_info(b->box, seq - 1, info_out);
	return view_info(&b->view, view_uid(&b->view, seq), info_out);
}

static bool look_wants(const struct pop3_drop *d, const struct pop3_box *b,
		       const struct msg_info *info)
{
	int64_t days_s = (int64_t)POP3_RECENT_DAYS * 24 * 60 * 60;
	if (b->since_s && info->save_date < b->since_s)
		return false;
	return !d->login->is_recent || !clock_is_sane() ||
	       info->internal_date >= clock_wall_s() - days_s;
}

/* One message. What another session expunged meanwhile has no size and is not shown. */
static enum err look_at(struct pop3_drop *d, const struct pop3_span *span)
{
	struct msg_info info;
	struct pop3_look *look = &d->look;
	struct pop3_box *b = &d->boxes[span->box];
	uint32_t seq = span->seq + look->offset;
	if (look_info(b, seq, &info))
		return ERR_NONE;
	if (!look->is_filter) {
		d->octets = look->is_shown           ? d->octets + info.size
			    : d->octets >= info.size ? d->octets - info.size
						     : 0;
		return ERR_NONE;
	}
	if (!look_wants(d, b, &info))
		return ERR_NONE;
	d->octets += info.size;
	return pop3_spans_add(&d->spans, (struct pop3_span){0, seq, 1, span->box});
}

enum err pop3_show_look(struct pop3_drop *d, struct session *s)
{
	struct pop3_look *look = &d->look;
	const struct pop3_spans *todo =
		look->is_shown && !look->is_filter ? &d->spans : &look->todo;
	enum err err = ERR_NONE;
	for (uint32_t looks = 1; look->at < todo->count && !err; looks++) {
		const struct pop3_span *span = &todo->at[look->at];
		err = look_at(d, span);
		if (++look->offset == span->count) {
			look->offset = 0;
			look->at++;
		}
		if (looks % LOOKS_A_TIME == 0 && session_must_pause(s))
			return err ? err : ERR_AGAIN;
	}
	free(look->todo.at);
	look->todo = (struct pop3_spans){.at = NULL};
	d->count = spans_total(&d->spans);
	return err;
}
