#include "proto/pop3/pop3_note.h"

#include "base/clock.h"
#include "base/log.h"

enum { DAY_S = 24 * 60 * 60 };

uint32_t pop3_today(void)
{
	return clock_is_sane() ? (uint32_t)(clock_wall_s() / DAY_S) : 0;
}

enum err pop3_note_read(const struct mailbox *box, struct pop3_state *s)
{
	pop3_state_init(s, box->uid_validity);
	if (!box->note.len)
		return ERR_NONE;
	enum err err = pop3_state_decode(s, box->note);
	if (!err && s->uid_validity == box->uid_validity)
		return ERR_NONE;
	log_warn(0, "pop3: what was noted of a mailbox %s: all of it counts as new",
		 err ? err_text(err) : "is of another one");
	pop3_state_free(s);
	pop3_state_init(s, box->uid_validity);
	return err == ERR_NOMEM ? err : ERR_NONE;
}

static void note_prune_runs(struct mailbox *box, struct pop3_runs *r)
{
	uint32_t kept = 0;
	uint32_t end = 0; /* position behind the last run that was kept */
	for (uint32_t i = 0; i < r->count; i++) {
		struct pop3_run run = r->at[i];
		struct msg_info first, last;
		uint32_t from = mailbox_position(box, run.first);
		uint32_t to = run.last == UINT32_MAX ? box->messages
						     : mailbox_position(box, run.last + 1);
		if (from >= to || mailbox_info(box, from, &first) ||
		    mailbox_info(box, to - 1, &last))
			continue;
		struct pop3_run *before = kept ? &r->at[kept - 1] : NULL;
		if (before && end == from && before->day == run.day && before->waits == run.waits) {
			before->last = last.uid;
		} else {
			run.first = first.uid;
			run.last = last.uid;
			r->at[kept++] = run;
		}
		end = to;
	}
	r->count = kept;
}

void pop3_note_prune(struct mailbox *box, struct pop3_state *s)
{
	struct pop3_runs *r;
	for (uint32_t i = 0; (r = pop3_state_runs(s, i)); i++)
		note_prune_runs(box, r);
}

static bool note_is_blank(const struct pop3_state *s)
{
	const struct pop3_device *shared = &s->devices[0];
	return s->device_count == 1 && !s->window_uid && !shared->is_known &&
	       !shared->downloaded.count && !shared->hidden.count;
}

static enum err note_encode(struct pop3_state *s, struct buf *note)
{
	buf_clear(note);
	return note_is_blank(s) ? ERR_NONE : pop3_state_fit(s, note);
}

enum err pop3_note_write(struct mailbox *box, struct pop3_state *s, struct pop3_device *device,
			 uint64_t *ticket_out)
{
	struct buf note;
	*ticket_out = 0;
	buf_init(&note, MAILBOX_NOTE_MAX_BYTES);
	enum err err = note_encode(s, &note);
	bool has_changed = !err && !slice_eq(buf_view(&note), box->note);
	if (has_changed && device && pop3_today()) {
		device->last_day = pop3_today();
		err = note_encode(s, &note);
	}
	struct box_change change = {.kind = BOX_SET_NOTE, .box = box, .note = buf_view(&note)};
	if (!err && has_changed)
		err = account_change_box(box->account, &change, ticket_out);
	buf_free(&note);
	return err;
}

enum err pop3_note_order(struct mailbox *box, const struct pop3_order *order, uint64_t *ticket_out)
{
	struct pop3_state state;
	*ticket_out = 0;
	enum err err = pop3_note_read(box, &state);
	if (err)
		return err;
	if (order->offers_again)
		pop3_state_reset(&state);
	if (order->forget)
		pop3_state_forget(&state, order->forget);
	if (order->window_s) {
		state.window_uid = box->uid_next;
		state.window_s = order->window_s;
	}
	err = pop3_note_write(box, &state, NULL, ticket_out);
	pop3_state_free(&state);
	return err;
}
