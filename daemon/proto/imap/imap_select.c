#include "proto/imap/imap_session.h"
#include "proto/imap/imap_verbs.h"

/* --- closing ----------------------------------------------------------------------------------- */

void imap_unselect(struct imap_session *s)
{
	struct mailbox *box = s->view.box;
	if (!box)
		return;
	view_close(&s->view);
	s->view = (struct view){0};
	mailbox_close(box);
	imap_save_nothing(s); /* RFC 5182 2.1: SELECT empties the result variable */
	s->keywords_told = 0;
	s->is_read_only = false;
	if (s->state == IMAP_SELECTED)
		s->state = IMAP_AUTHENTICATED;
}

enum step imap_run_unselect(struct imap_session *s)
{
	if (!lex_end(&s->lex))
		return imap_bad_lex(s);
	imap_unselect(s);
	return imap_ok(s, NULL, NULL); /* RFC 3691 */
}

/* --- SELECT and EXAMINE (RFC 9051 6.3.2) --------------------------------------------------------- */

struct imap_select {
	struct slice name;
	bool wants_condstore;
};

/* Wakes the session only when it can say something: in IDLE, or to say that its mailbox has gone. */
static void select_on_change(struct view *view)
{
	struct imap_session *s = list_owner(view, struct imap_session, view);
	if (view->is_gone || (s->verb && s->verb->run == imap_run_idle))
		session_again(&s->base);
}

/* select-params (RFC 4466 2.1): one or several, each a word with an optional value. */
static bool select_read_params(struct imap_session *s, struct imap_select *select)
{
	if (lex_at_end(&s->lex) || !slice_trim(s->lex.rest).len)
		return true;
	if (!lex_space(&s->lex) || !lex_char(&s->lex, '('))
		return false;
	do {
		if (!lex_try_word(&s->lex, "CONDSTORE"))
			return lex_fail(&s->lex, "Unknown SELECT parameter");
		select->wants_condstore = true;
	} while (lex_try(&s->lex, ' '));
	return lex_char(&s->lex, ')') && lex_end(&s->lex);
}

static struct imap_select *select_read(struct imap_session *s)
{
	struct imap_select *select = arena_alloc(&s->arena, sizeof(*select));
	if (!select)
		lex_fail(&s->lex, "Out of memory");
	else if (lex_space(&s->lex) && lex_mailbox(&s->lex, &select->name) &&
		 select_read_params(s, select))
		return select;
	return NULL;
}

static void select_say(struct imap_session *s)
{
	const struct mailbox *box = s->view.box;
	imap_write_flag_lists(s);
	imap_write_exists(s);
	/* RFC 9051 dropped RECENT and UNSEEN; clients of RFC 3501 still look for them. */
	uint32_t unseen = s->rev2 ? 0 : view_first_unseen(&s->view);
	if (unseen)
		out_fmt(&s->out, "* OK [UNSEEN %u] First unseen\r\n", view_seq(&s->view, unseen));
	out_fmt(&s->out, "* OK [UIDVALIDITY %u] UIDs are valid\r\n", box->uid_validity);
	out_fmt(&s->out, "* OK [UIDNEXT %u] Next UID\r\n", box->uid_next);
	out_fmt(&s->out, "* OK [HIGHESTMODSEQ %llu] Highest\r\n",
		(unsigned long long)box->highest_modseq);
}

static enum step select_open(struct imap_session *s, struct mailbox *box, bool is_examine)
{
	bool is_read_only = is_examine || store_is_read_only(s->base.host->store);
	enum err err = view_open_newest(&s->view, box, s->base.login->policy.imap_folder_limit,
					!is_read_only, select_on_change);
	if (err) {
		mailbox_close(box);
		s->view = (struct view){0};
		return imap_no_err(s, err);
	}
	s->is_read_only = is_read_only;
	s->state = IMAP_SELECTED;
	select_say(s);
	return imap_ok(s, is_read_only ? "READ-ONLY" : "READ-WRITE", NULL);
}

static enum step select_run(struct imap_session *s, bool is_examine)
{
	if (!s->cmd) {
		s->cmd = select_read(s);
		if (!s->cmd)
			return imap_bad_lex(s);
		/* Whatever becomes of this command, the old mailbox is no longer selected. */
		if (s->view.box) /* RFC 7162 3.2.11: whether or not the client enabled anything */
			out_str(&s->out, "* OK [CLOSED] Previous mailbox is closed\r\n");
		imap_unselect(s);
	}
	struct imap_select *select = s->cmd;
	struct mailbox *box = imap_find_box(s, select->name);
	if (!box)
		return imap_no_err(s, ERR_NOT_FOUND);
	enum err err = mailbox_open(box, &s->base.waiter);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return imap_no_err(s, err);
	s->condstore = s->condstore || select->wants_condstore;
	return select_open(s, box, is_examine);
}

enum step imap_run_select(struct imap_session *s)
{
	return select_run(s, false);
}

enum step imap_run_examine(struct imap_session *s)
{
	return select_run(s, true);
}
