#include "proto/imap/imap_session.h"
#include "proto/imap/imap_special.h"
#include "proto/imap/imap_verbs.h"

/* CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one change of names, then its ticket. */

struct imap_box_change {
	struct slice name, new_name;
	uint32_t special_use;
	uint64_t ticket;
	bool is_applied;
};

/* --- what they share ---------------------------------------------------------------------------- */

static struct imap_box_change *box_begin(struct imap_session *s)
{
	s->cmd = arena_alloc(&s->arena, sizeof(struct imap_box_change));
	if (!s->cmd)
		lex_fail(&s->lex, "Out of memory");
	return s->cmd;
}

static bool box_read_name(struct imap_session *s, struct slice *name_out)
{
	return lex_space(&s->lex) && lex_mailbox(&s->lex, name_out);
}

static enum step box_finish(struct imap_session *s, const char *text)
{
	struct imap_box_change *cmd = s->cmd;
	enum err err = ERR_NONE;
	if (imap_wait_ticket(s, cmd->ticket, &err) == STEP_MORE)
		return STEP_MORE;
	return err ? imap_no_err(s, err) : imap_ok(s, NULL, text);
}

static enum step box_apply(struct imap_session *s, const struct box_change *change,
			   const char *text)
{
	struct imap_box_change *cmd = s->cmd;
	enum err err = account_change_box(s->base.login->account, change, &cmd->ticket);
	if (err)
		return imap_no_err(s, err);
	cmd->is_applied = true;
	return box_finish(s, text);
}

/* --- CREATE (RFC 9051 6.3.4, RFC 6154 3) ---------------------------------------------------------- */

static bool create_read_use(struct imap_session *s, struct imap_box_change *cmd)
{
	struct slice name = SLICE_EMPTY;
	if (!lex_try_word(&s->lex, "USE"))
		return lex_fail(&s->lex, "Unknown CREATE parameter");
	if (!lex_space(&s->lex) || !lex_char(&s->lex, '('))
		return false;
	if (lex_try(&s->lex, ')'))
		return true;
	do {
		if (!lex_flag(&s->lex, &name))
			return false;
		uint32_t use = special_use_find(name);
		/* An unknown one stays as a bit nobody has, and is refused below. */
		cmd->special_use |= use ? use : SPECIAL_USE_UNKNOWN;
	} while (lex_try(&s->lex, ' '));
	return lex_char(&s->lex, ')');
}

static bool create_read(struct imap_session *s, struct imap_box_change *cmd)
{
	if (!box_read_name(s, &cmd->name))
		return false;
	if (!slice_trim(s->lex.rest).len)
		return true;
	return lex_space(&s->lex) && lex_char(&s->lex, '(') && create_read_use(s, cmd) &&
	       lex_char(&s->lex, ')') && lex_end(&s->lex);
}

enum step imap_run_create(struct imap_session *s)
{
	if (s->cmd)
		return box_finish(s, "Create completed");
	struct imap_box_change *cmd = box_begin(s);
	if (!cmd || !create_read(s, cmd))
		return imap_bad_lex(s);
	/* Views over other mailboxes (\All, \Flagged) are not made by giving a folder that name. */
	if (cmd->special_use & ~(uint32_t)SPECIAL_USE_CREATABLE)
		return imap_no(s, "USEATTR", "A mailbox cannot have this use");
	struct box_change change = {
		.kind = BOX_CREATE, .name = cmd->name, .special_use = cmd->special_use};
	return box_apply(s, &change, "Create completed");
}

/* --- DELETE (RFC 9051 6.3.5) ---------------------------------------------------------------------- */

enum step imap_run_delete(struct imap_session *s)
{
	if (s->cmd)
		return box_finish(s, "Delete completed");
	struct imap_box_change *cmd = box_begin(s);
	if (!cmd || !box_read_name(s, &cmd->name) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	struct box_change change = {.kind = BOX_DELETE};
	change.box = account_find(s->base.login->account, cmd->name);
	if (!change.box || !change.box->exists)
		return imap_no(s, "NONEXISTENT", "There is no such mailbox");
	if (slice_eq_str(cmd->name, "INBOX"))
		return imap_no(s, "CANNOT", "INBOX cannot be deleted");
	/* Its own mailbox: the client knows what it does, and need not be thrown out for it. */
	if (change.box == s->view.box) {
		imap_unselect(s);
		if (s->qresync || s->rev2)
			out_str(&s->out, "* OK [CLOSED] Mailbox is closed\r\n");
	}
	return box_apply(s, &change, "Delete completed");
}

/* --- RENAME (RFC 9051 6.3.6) ---------------------------------------------------------------------- */

/* The messages of INBOX move, so it must be open meanwhile. */
static enum step rename_inbox(struct imap_session *s, struct box_change *change)
{
	enum err err = mailbox_open(change->box, &s->base.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return imap_no_err(s, err);
	struct mailbox *inbox = change->box;
	enum step step = box_apply(s, change, "Rename completed");
	mailbox_close(inbox);
	return step;
}

static enum step rename_go_on(struct imap_session *s, struct imap_box_change *cmd)
{
	struct box_change change = {.kind = BOX_RENAME, .name = cmd->new_name};
	if (cmd->is_applied)
		return box_finish(s, "Rename completed");
	change.box = account_find(s->base.login->account, cmd->name);
	if (change.box && !change.box->exists)
		change.box = NULL;
	/* Without a mailbox it may still stand above others ("a" when only "a/b" exists). */
	if (!change.box)
		change.old_name = cmd->name;
	if (slice_eq_str(cmd->name, "INBOX"))
		return rename_inbox(s, &change);
	return box_apply(s, &change, "Rename completed");
}

enum step imap_run_rename(struct imap_session *s)
{
	if (s->cmd)
		return rename_go_on(s, s->cmd);
	struct imap_box_change *cmd = box_begin(s);
	if (!cmd || !box_read_name(s, &cmd->name) || !box_read_name(s, &cmd->new_name) ||
	    !lex_end(&s->lex))
		return imap_bad_lex(s);
	return rename_go_on(s, cmd);
}

/* --- SUBSCRIBE, UNSUBSCRIBE (RFC 9051 6.3.7, 6.3.8) ------------------------------------------------ */

static enum step subscription_run(struct imap_session *s, enum box_change_kind kind,
				  const char *text)
{
	if (s->cmd)
		return box_finish(s, text);
	struct imap_box_change *cmd = box_begin(s);
	if (!cmd || !box_read_name(s, &cmd->name) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	struct box_change change = {.kind = kind, .name = cmd->name};
	return box_apply(s, &change, text);
}

enum step imap_run_subscribe(struct imap_session *s)
{
	return subscription_run(s, BOX_SUBSCRIBE, "Subscribe completed");
}

enum step imap_run_unsubscribe(struct imap_session *s)
{
	return subscription_run(s, BOX_UNSUBSCRIBE, "Unsubscribe completed");
}
