#include "app/advice.h"

static void advise(struct advice *a, const char *key, const char *value)
{
	a->rows[a->row_count++] = (struct advice_row){key, value};
}

/* IMAP keeps the state on the box, so it is for whoever has several devices, or one that is always
 * connected and space to spare. It cannot help who is hardly ever connected, nor where mail must
 * leave the box soon, unless there are so many devices that only a shared state keeps order. */
static bool is_for_imap(struct advice_answers q)
{
	switch (q.devices) {
	case ADVICE_ONE_DEVICE: return q.network == ADVICE_STEADY && q.space == ADVICE_PLENTY;
	case ADVICE_FEW_DEVICES: return q.network != ADVICE_RARE && q.space != ADVICE_LITTLE;
	case ADVICE_MANY_DEVICES: break;
	}
	return true;
}

static void advise_imap(struct advice *a, struct advice_answers q)
{
	static const char *const limits[] = {"0", "5000", "1000"};         /* by network */
	static const char *const empty_days[] = {"30", "14", "7"};         /* by space */
	static const char *const last_copy[] = {"trash", "trash", "gone"}; /* by space */
	a->reasons |= q.devices == ADVICE_ONE_DEVICE ? ADVICE_SAFE_COPY : ADVICE_IN_STEP;
	a->reasons |= q.network == ADVICE_STEADY ? ADVICE_OPEN_IN_PLACE : ADVICE_SHORT_SYNC;
	a->reasons |= q.space == ADVICE_PLENTY ? ADVICE_ROOM_FOR_ALL : ADVICE_TIDY_SOONER;
	a->reasons |= ADVICE_PROTECTED;
	advise(a, "imap.access", "yes");
	advise(a, "imap.folder_limit", limits[q.network]);
	advise(a, "imap.last_copy", last_copy[q.space]);
	advise(a, "trash.empty_days", empty_days[q.space]);
	advise(a, "junk.empty_days", empty_days[q.space]);
	advise(a, "pop3.after_download", "keep");
	advise(a, "pop3.client_delete", "hide");
	advise(a, "pop3.delete_after_days", "0");
}

/* What is downloaded goes through Trash where space is short: a week to notice a mistake. */
static void advise_pop3(struct advice *a, struct advice_answers q)
{
	bool is_little = q.space == ADVICE_LITTLE, is_alone = q.devices == ADVICE_ONE_DEVICE;
	a->reasons |= is_alone ? ADVICE_NO_STATE : ADVICE_EACH_GETS_ALL;
	a->reasons |= q.network == ADVICE_STEADY ? 0u : ADVICE_READ_OFFLINE;
	a->reasons |= q.space == ADVICE_PLENTY ? ADVICE_STAYS_TOO : ADVICE_MAKES_ROOM;
	advise(a, "pop3.access", "all");
	advise(a, "pop3.devices", is_alone ? "shared" : "own");
	advise(a, "pop3.after_download", is_little ? "trash" : "keep");
	advise(a, "pop3.client_delete", is_little ? "follow" : is_alone ? "delete" : "hide");
	advise(a, "pop3.show_again", "yes");
	advise(a, "pop3.delete_after_days", q.space == ADVICE_SOME ? "30" : "0");
	advise(a, "pop3.delete_since", "download");
	advise(a, "trash.empty_days", is_little ? "7" : "30");
}

struct advice advice_decide(struct advice_answers answers)
{
	struct advice a = {.is_imap = is_for_imap(answers)};
	if (a.is_imap)
		advise_imap(&a, answers);
	else
		advise_pop3(&a, answers);
	return a;
}
