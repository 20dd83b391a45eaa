#include "proto/imap/imap_change.h"
#include "proto/imap/imap_dispose.h"

/* EXPUNGE and UID EXPUNGE. */

enum { LOOK_MAX = 8 * DISPOSE_BATCH };

struct expunge_cmd {
	struct imap_seqset set; /* UID EXPUNGE */
	bool has_set;
	uint32_t uid; /* looked at up to here */
	struct imap_dispose batch;
};

static void expunge_end(struct imap_session *s)
{
	struct expunge_cmd *c = s->cmd;
	imap_dispose_end(&c->batch);
}

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
	struct imap_dispose *d = &c->batch;
	for (unsigned looked = 0; d->count < DISPOSE_BATCH && looked < LOOK_MAX; looked++) {
		if (!next_message(s, c, &c->uid)) {
			c->uid = UINT32_MAX;
			return;
		}
		if (!view_info(&s->view, c->uid, &info) && info.flags & FLAG_DELETED)
			d->uids[d->count++] = c->uid;
	}
}

/* ERR_AGAIN: call again. */
static enum err expunge_all(struct imap_session *s, struct expunge_cmd *c)
{
	enum err err = ERR_NONE;
	/* The mailbox counts its deleted messages: most of the time there is nothing to look for. */
	if (!s->view.box->deleted && !c->batch.count)
		c->uid = UINT32_MAX;
	while ((c->uid != UINT32_MAX || c->batch.count) && !err) {
		if (!c->batch.count)
			take_batch(s, c);
		err = imap_dispose(s, &c->batch);
		if (!err)
			err = imap_pause(s);
	}
	return err;
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
	s->cmd_end = expunge_end;
	return STEP_MORE;
}

enum step imap_run_expunge(struct imap_session *s)
{
	if (!s->cmd) {
		enum step step = expunge_start(s);
		if (step != STEP_MORE)
			return step;
	}
	enum err err = expunge_all(s, s->cmd);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	/* The EXPUNGE responses are the view's news: they stand before the tagged reply. */
	return err ? imap_no_err(s, err) : imap_ok(s, NULL, "Expunged");
}
