#include "proto/imap/imap_change.h"

/* EXPUNGE and UID EXPUNGE. */

enum { EXPUNGE_BATCH = 1024, LOOK_MAX = 8 * EXPUNGE_BATCH };

struct expunge_cmd {
	struct imap_seqset set; /* UID EXPUNGE */
	bool has_set;
	uint32_t uid; /* done up to here */
	uint64_t ticket;
	enum err failure;
	uint32_t uids[EXPUNGE_BATCH], count;
};

/* The next message behind `uid` that may be meant: of the set, or of the view. */
static bool next_message(struct imap_session *s, const struct expunge_cmd *c, uint32_t *uid)
{
	uint32_t seq = 0;
	if (c->has_set)
		return imap_set_next(s, &c->set, *uid, uid, &seq);
	seq = view_seq_at_or_after(&s->view, *uid + 1);
	*uid = seq <= s->view.count ? view_uid(&s->view, seq) : 0;
	return *uid != 0;
}

static void take_batch(struct imap_session *s, struct expunge_cmd *c)
{
	struct msg_info info;
	c->count = 0;
	for (unsigned looked = 0; c->count < EXPUNGE_BATCH && looked < LOOK_MAX; looked++) {
		if (!next_message(s, c, &c->uid)) {
			c->uid = UINT32_MAX;
			return;
		}
		if (!view_info(&s->view, c->uid, &info) && info.flags & FLAG_DELETED)
			c->uids[c->count++] = c->uid;
	}
}

static enum err change_batch(struct imap_session *s, struct expunge_cmd *c)
{
	uint64_t ticket = 0;
	struct msg_change change = {
		.kind = CHANGE_EXPUNGE,
		.uids = c->uids,
		.count = c->count,
		.origin = s,
	};
	if (!c->count)
		return ERR_NONE;
	enum err err = mailbox_change(s->view.box, &change, &ticket);
	if (!err && ticket > c->ticket)
		c->ticket = ticket;
	return err;
}

/* STEP_DONE: everything is expunged and durable, or *err_out tells why not. */
static enum step expunge_all(struct imap_session *s, struct expunge_cmd *c, enum err *err_out)
{
	/* The mailbox counts its deleted messages: most of the time there is nothing to look for. */
	if (!c->ticket && !s->view.box->deleted)
		c->uid = UINT32_MAX;
	while (c->uid != UINT32_MAX && !c->failure) {
		take_batch(s, c);
		c->failure = change_batch(s, c);
		if (imap_must_pause(s))
			return STEP_MORE;
	}
	if (imap_wait_ticket(s, c->ticket, err_out) == STEP_MORE)
		return STEP_MORE;
	if (c->failure)
		*err_out = c->failure;
	return STEP_DONE;
}

/* STEP_MORE: s->cmd is ready to run. */
static enum step expunge_start(struct imap_session *s)
{
	struct expunge_cmd *c = arena_alloc(&s->arena, sizeof(*c));
	if (!c)
		return imap_no_err(s, ERR_NOMEM);
	c->has_set = s->is_uid;
	if (c->has_set && (!lex_space(&s->lex) || !lex_seqset(&s->lex, &c->set)))
		return imap_bad_lex(s);
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	if (c->has_set && imap_resolve(s, &c->set))
		return imap_bad(s, "Broken message set");
	if (s->is_read_only)
		return imap_no(s, "NOPERM", "The mailbox is open for reading only");
	s->cmd = c;
	return STEP_MORE;
}

enum step imap_run_expunge(struct imap_session *s)
{
	enum err err = ERR_NONE;
	if (!s->cmd) {
		enum step step = expunge_start(s);
		if (step != STEP_MORE)
			return step;
	}
	if (expunge_all(s, s->cmd, &err) == STEP_MORE)
		return STEP_MORE;
	/* The EXPUNGE responses are the view's news: they stand before the tagged reply. */
	return err ? imap_no_err(s, err) : imap_ok(s, NULL, "Expunged");
}
