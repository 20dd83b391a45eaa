#include <stdlib.h>

#include "app/expiry_rule.h"
#include "base/log.h"
#include "proto/pop3/pop3_note.h"

struct expiry_downloads {
	struct pop3_runs runs;
};

/* The note gets the day by which it can count from now on. */
static void downloads_set_day(struct mailbox *box, struct pop3_state *state)
{
	uint32_t today = pop3_today();
	uint64_t ticket = 0;
	if (!today || !pop3_state_set_day(state, today))
		return;
	enum err err = pop3_note_write(box, state, NULL, &ticket);
	if (err)
		log_warn(0, "%s, %s: POP3's note is not kept: %s", box->account->name, box->name,
			 err_text(err));
}

struct expiry_downloads *expiry_downloads_new(struct mailbox *box, bool each_device, bool may_write)
{
	struct expiry_downloads *d = calloc(1, sizeof(*d));
	struct pop3_state state;
	if (!d)
		return NULL;
	enum err err = pop3_note_read(box, &state);
	if (!err && may_write)
		downloads_set_day(box, &state);
	if (!err)
		err = pop3_state_done(&state, each_device, &d->runs);
	pop3_state_free(&state);
	if (err || d->runs.count == 0)
		expiry_downloads_free(&d);
	return d;
}

uint32_t expiry_downloads_day(const struct expiry_downloads *d, uint32_t uid)
{
	const struct pop3_run *run = pop3_runs_find(&d->runs, uid);
	return run ? run->day : 0;
}

void expiry_downloads_free(struct expiry_downloads **downloads)
{
	struct expiry_downloads *d = *downloads;
	*downloads = NULL;
	if (!d)
		return;
	pop3_runs_free(&d->runs);
	free(d);
}
