#include "base/log.h"
#include "proto/pop3/pop3_drop.h"

/* In place of pop3_move.c where the store cannot move mail: it stays where it is. */
enum pop3_after pop3_drop_after(const struct pop3_drop *d, const struct mailbox *box)
{
	enum pop3_after after = (enum pop3_after)d->login->policy.pop3_after;
	if (after != POP3_AFTER_ARCHIVE && after != POP3_AFTER_TRASH)
		return after;
	log_info(0, "pop3: what %s downloads stays in %s: this build cannot move it",
		 d->login->user, box->name);
	return POP3_AFTER_KEEP;
}

enum err pop3_drop_make_target(const struct pop3_drop *d, struct mailbox **box_out,
			       uint64_t *ticket_out)
{
	(void)d, (void)ticket_out;
	*box_out = NULL;
	return ERR_UNSUPPORTED;
}
