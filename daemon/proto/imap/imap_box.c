#include "proto/imap/imap_session.h"
#include "proto/imap/imap_special.h"
#include "proto/imap/imap_verbs.h"

/* CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE: one change of names. */

static bool box_read_name(struct imap_session *s, struct slice *name_out)
{
	return lex_space(&s->lex) && lex_mailbox(&s->lex, name_out);
}

static enum step box_apply(struct imap_session *s, const struct box_change *change)
{
	enum err err = imap_change_box(s, change);
	return err ? imap_no_err(s, err) : imap_ok(s, NULL, NULL);
}

/* --- CREATE (RFC 9051 6.3.4, RFC 6154 3) ---------------------------------------------------------- */

static bool create_read_use(struct imap_session *s, struct box_change *change)
{
	struct slice name = SLICE_EMPTY;
	if (!lex_try_word(&s->lex, "USE"))
		return lex_fail(&s->lex, "Unknown CREATE parameter");
	lex_space(&s->lex);
	lex_char(&s->lex, '(');
	if (lex_try(&s->lex, ')'))
		return true;
	do {
		if (!lex_flag(&s->lex, &name))
			return false;
		uint32_t use = special_use_find(name);
		/* An unknown one stays as a bit nobody has, and is refused below. */
		change->special_use |= use ? use : SPECIAL_USE_UNKNOWN;
	} while (lex_try(&s->lex, ' '));
	return lex_char(&s->lex, ')');
}

static bool create_read(struct imap_session *s, struct box_change *change)
{
	if (!box_read_name(s, &change->name))
		return false;
	if (!slice_trim(s->lex.rest).len)
		return true;
	return lex_space(&s->lex) && lex_char(&s->lex, '(') && create_read_use(s, change) &&
	       lex_char(&s->lex, ')') && lex_end(&s->lex);
}

enum step imap_run_create(struct imap_session *s)
{
	struct box_change change = {.kind = BOX_CREATE};
	if (!create_read(s, &change))
		return imap_bad_lex(s);
	/* Views over other mailboxes (\All, \Flagged) are not made by giving a folder that name. */
	if (change.special_use & ~(uint32_t)SPECIAL_USE_CREATABLE)
		return imap_no(s, "USEATTR", "A mailbox cannot have this use");
	return box_apply(s, &change);
}

/* --- DELETE (RFC 9051 6.3.5) ---------------------------------------------------------------------- */

enum step imap_run_delete(struct imap_session *s)
{
	struct box_change change = {.kind = BOX_DELETE};
	struct slice name = SLICE_EMPTY;
	if (!box_read_name(s, &name) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	change.box = imap_find_box(s, name);
	if (!change.box)
		return imap_no_err(s, ERR_NOT_FOUND);
	if (slice_eq_str(name, "INBOX"))
		return imap_no(s, "CANNOT", "INBOX cannot be deleted");
	/* Its own mailbox: the client knows what it does, and need not be thrown out for it. */
	if (change.box == s->view.box) {
		imap_unselect(s);
		if (s->qresync || s->rev2)
			out_str(&s->out, "* OK [CLOSED] Mailbox is closed\r\n");
	}
	return box_apply(s, &change);
}

/* --- RENAME (RFC 9051 6.3.6) ---------------------------------------------------------------------- */

/* The messages of INBOX move, so it must be open meanwhile. */
static enum step rename_inbox(struct imap_session *s, struct box_change *change)
{
	struct mailbox *inbox = change->box;
	enum err err = mailbox_open(inbox, &s->base.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return imap_no_err(s, err);
	enum step step = box_apply(s, change);
	mailbox_close(inbox);
	return step;
}

/* s->cmd: the names, .old_name and .name. */
enum step imap_run_rename(struct imap_session *s)
{
	if (!s->cmd) {
		struct box_change *names = arena_alloc(&s->arena, sizeof(*names));
		if (!names)
			return imap_no_err(s, ERR_NOMEM);
		if (!box_read_name(s, &names->old_name) || !box_read_name(s, &names->name) ||
		    !lex_end(&s->lex))
			return imap_bad_lex(s);
		names->kind = BOX_RENAME;
		s->cmd = names;
	}
	struct box_change change = *(struct box_change *)s->cmd;
	change.box = imap_find_box(s, change.old_name);
	if (slice_eq_str(change.old_name, "INBOX"))
		return rename_inbox(s, &change);
	/* Without a mailbox it may still stand above others ("a" when only "a/b" exists). */
	if (change.box)
		change.old_name = SLICE_EMPTY;
	return box_apply(s, &change);
}

/* --- SUBSCRIBE, UNSUBSCRIBE (RFC 9051 6.3.7, 6.3.8) ------------------------------------------------ */

static enum step subscription_run(struct imap_session *s, enum box_change_kind kind)
{
	struct box_change change = {.kind = kind};
	if (!box_read_name(s, &change.name) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	return box_apply(s, &change);
}

enum step imap_run_subscribe(struct imap_session *s)
{
	return subscription_run(s, BOX_SUBSCRIBE);
}

enum step imap_run_unsubscribe(struct imap_session *s)
{
	return subscription_run(s, BOX_UNSUBSCRIBE);
}
