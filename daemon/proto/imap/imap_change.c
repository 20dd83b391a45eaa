#include "proto/imap/imap_change.h"
#include "proto/imap/imap_dispose.h"

/* STORE and UID STORE. */

enum { STORE_BATCH = 512, STORE_FLAGS_MAX = 64 };

struct store_cmd {
	struct imap_seqset set;
	enum flags_op op;
	bool is_silent, is_conditional, some_gone;
	flags_t flags;
	uint64_t unchanged_since;
	enum err failure;
	struct imap_seqset modified; /* UNCHANGEDSINCE failed: numbers or UIDs */
	uint32_t uid;                /* up to here all are changed */
	/* The batch in hand: changed, and being reported. */
	uint32_t uids[STORE_BATCH], done[STORE_BATCH];
	uint32_t count, reported;
	struct imap_dispose expunged; /* of the batch, when that is done at once */
};

static void store_end(struct imap_session *s)
{
	struct store_cmd *c = s->cmd;
	imap_dispose_end(&c->expunged);
}

/* ---- parsing ---- */

static bool parse_modifiers(struct imap_lex *lex, struct store_cmd *c)
{
	c->unchanged_since = UINT64_MAX;
	if (!lex_try(lex, '('))
		return true;
	if (!lex_try_word(lex, "UNCHANGEDSINCE"))
		return lex_fail(lex, "Unknown modifier");
	c->is_conditional = true;
	return lex_space(lex) && lex_number(lex, INT64_MAX, &c->unchanged_since) &&
	       lex_char(lex, ')') && lex_space(lex);
}

static bool parse_item(struct imap_lex *lex, struct store_cmd *c)
{
	c->op = FLAGS_SET;
	if (lex_try(lex, '+'))
		c->op = FLAGS_ADD;
	else if (lex_try(lex, '-'))
		c->op = FLAGS_REMOVE;
	c->is_silent = lex_try_word(lex, "FLAGS.SILENT");
	return c->is_silent || lex_try_word(lex, "FLAGS") || lex_fail(lex, "Expected FLAGS");
}

/* A list, an empty one too, or bare flags (RFC 9051 9, store-att-flags). */
static bool parse_names(struct imap_lex *lex, struct slice *names, uint32_t *count_out)
{
	bool in_list = lex_peek(lex) == '(' && lex_list_begin(lex);
	uint32_t n = 0;
	if (!in_list || lex_peek(lex) != ')') {
		do {
			if (n == STORE_FLAGS_MAX)
				return lex_fail(lex, "Too many flags");
			if (!lex_flag(lex, &names[n++]))
				return false;
		} while (in_list ? lex_list_next(lex) : lex_try(lex, ' '));
	}
	*count_out = n;
	return (!in_list || lex_char(lex, ')')) && lex_end(lex);
}

static flags_t system_flag(struct slice name)
{
	for (uint32_t bit = 0; bit < FLAG_KEYWORD_FIRST; bit++)
		if (slice_eq_str_nocase(name, flags_name(NULL, 1u << bit)))
			return 1u << bit;
	return 0;
}

/* The names as one word of bits; new keywords are added, unless they are to be taken away. */
static enum err resolve_flags(struct mailbox *box, struct store_cmd *c, const struct slice *names,
			      uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		flags_t flag = 0;
		enum err err = ERR_NONE;
		if (names[i].ptr[0] == '\\')
			flag = system_flag(names[i]);
		else if (c->op == FLAGS_REMOVE)
			flag = keywords_find(&box->keywords, names[i]);
		else
			err = keywords_add(&box->keywords, names[i], &flag);
		if (err)
			return err;
		c->flags |= flag;
	}
	return ERR_NONE;
}

static bool are_settable(const struct slice *names, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (names[i].ptr[0] == '\\' && !system_flag(names[i]))
			return false;
	return true;
}

/* ---- batches ---- */

static bool has_changed_since(const struct store_cmd *c, const struct msg_info *info)
{
	return c->is_conditional && info->modseq > c->unchanged_since;
}

/* "Adding the flag when it is already present" succeeds whatever has happened to other flags of the
 * message meanwhile: no spurious MODIFIED (RFC 7162 3.1.12). 0 always fails (3.1.3, example 7). */
static bool is_settled(const struct store_cmd *c, const struct msg_info *info)
{
	return c->op != FLAGS_SET && c->unchanged_since &&
	       flags_apply(info->flags, c->op, c->flags) == info->flags;
}

static enum err take_batch(struct imap_session *s, struct store_cmd *c)
{
	uint32_t seq = 0;
	struct msg_info info;
	c->count = c->reported = 0;
	for (uint32_t looked = 0; c->count < STORE_BATCH && looked < 4 * STORE_BATCH; looked++) {
		if (!imap_set_next(s, &c->set, c->uid, &c->uid, &seq)) {
			c->uid = UINT32_MAX;
			break;
		}
		if (view_info(&s->view, c->uid, &info)) {
			c->some_gone = true;
			continue;
		}
		if (has_changed_since(c, &info) && !is_settled(c, &info)) {
			enum err err =
				imap_seqset_add(&c->modified, &s->arena, s->is_uid ? c->uid : seq);
			if (err)
				return err;
			continue;
		}
		c->uids[c->count++] = c->uid;
	}
	return ERR_NONE;
}

static enum err change_batch(struct imap_session *s, struct store_cmd *c)
{
	struct msg_change change = {
		.kind = CHANGE_FLAGS,
		.uids = c->uids,
		.count = c->count,
		.op = c->op,
		.flags = c->flags,
		.unchanged_since = UINT64_MAX, /* take_batch has looked */
		.uids_out = c->done,
	};
	enum err err = c->count ? imap_change(s, &change) : ERR_NONE;
	if (err)
		c->count = 0;
	return err;
}

/* The answer for one message; what is said here is not news any more. */
static void report(struct imap_session *s, const struct store_cmd *c, uint32_t uid)
{
	struct msg_info info;
	uint32_t seq = view_seq(&s->view, uid);
	if (!uid || !seq || view_info(&s->view, uid, &info))
		return;
	if (!c->is_silent) {
		imap_write_flags(s, seq, &info);
	} else if (s->condstore) {
		out_fmt(&s->out, "* %u FETCH (UID %u MODSEQ (%llu))\r\n", seq, uid,
			(unsigned long long)info.modseq);
	}
	view_forget_flags(&s->view, uid);
}

/* ---- the command ---- */

static enum step finish(struct imap_session *s, struct store_cmd *c)
{
	struct buf code;
	if (c->failure)
		return imap_no_err(s, c->failure);
	bool must_say_gone = c->some_gone && !s->is_uid && !c->is_silent;
	if (!c->modified.count) {
		if (must_say_gone) /* RFC 2180 4.2.3 */
			return imap_no(s, "EXPUNGEISSUED", "Some messages no longer exist");
		return imap_ok(s, NULL, "Stored");
	}
	buf_init(&code, s->reply.max_bytes / 2);
	enum err err = buf_add_str(&code, "MODIFIED ");
	if (!err)
		err = imap_seqset_print(&c->modified, &code);
	if (!err)
		err = buf_add_byte(&code, '\0');
	enum step step = STEP_DONE;
	if (err)
		step = imap_no_err(s, err);
	else if (must_say_gone)
		step = imap_no(s, (const char *)code.bytes, "Some messages no longer exist");
	else
		step = imap_ok(s, (const char *)code.bytes, "Conditional STORE failed for some");
	buf_free(&code);
	return step;
}

static enum step refuse_flags(struct imap_session *s, enum err err)
{
	if (err == ERR_LIMIT)
		return imap_no(s, "LIMIT",
			       "This mailbox knows no more keywords, or the name is too long");
	return imap_no_err(s, err);
}

/* STEP_MORE: s->cmd is ready to run. */
static enum step store_start(struct imap_session *s)
{
	struct store_cmd *c = arena_alloc(&s->arena, sizeof(*c));
	struct slice names[STORE_FLAGS_MAX];
	uint32_t count = 0;
	if (!c)
		return imap_no_err(s, ERR_NOMEM);
	if (!lex_space(&s->lex) || !lex_seqset(&s->lex, &c->set) || !lex_space(&s->lex) ||
	    !parse_modifiers(&s->lex, c) || !parse_item(&s->lex, c) || !lex_space(&s->lex) ||
	    !parse_names(&s->lex, names, &count))
		return imap_bad_lex(s);
	if (imap_resolve(s, &c->set))
		return imap_bad(s, "There is no message with such a number");
	if (!are_settable(names, count))
		return imap_bad(s, "No client can change such a flag");
	if (c->is_conditional)
		imap_enable_condstore(s);
	if (s->is_read_only)
		return imap_no(s, "NOPERM", "The mailbox is open for reading only");
	enum err err = resolve_flags(s->view.box, c, names, count);
	if (err)
		return refuse_flags(s, err);
	s->cmd = c;
	s->cmd_end = store_end;
	return STEP_MORE;
}

/* imap.auto_expunge: what was just marked goes at once. Its numbers stay until the client may hear of
 * it (RFC 3501 7.4.1). */
static void take_marked(const struct imap_session *s, struct store_cmd *c)
{
	bool marks = c->op != FLAGS_REMOVE && c->flags & FLAG_DELETED;
	if (!marks || !s->base.login->policy.imap_auto_expunge)
		return;
	for (uint32_t i = 0; i < c->count; i++)
		if (c->done[i])
			c->expunged.uids[c->expunged.count++] = c->done[i];
}

/* The batch that was changed is reported, then, if need be, expunged. STEP_DONE: all of it. */
static enum step store_settle(struct imap_session *s, struct store_cmd *c)
{
	while (c->reported < c->count) {
		report(s, c, c->done[c->reported++]);
		if (c->reported == c->count)
			take_marked(s, c);
		if (imap_must_pause(s))
			return STEP_MORE;
	}
	if (!c->expunged.count)
		return STEP_DONE;
	enum err err = imap_dispose(s, &c->expunged);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	c->failure = err;
	return STEP_DONE;
}

enum step imap_run_store(struct imap_session *s)
{
	if (!s->cmd) {
		enum step step = store_start(s);
		if (step != STEP_MORE)
			return step;
	}
	struct store_cmd *c = s->cmd;
	for (;;) {
		if (store_settle(s, c) == STEP_MORE)
			return STEP_MORE;
		if (c->failure || c->uid == UINT32_MAX)
			return finish(s, c);
		c->failure = take_batch(s, c);
		if (!c->failure)
			c->failure = change_batch(s, c);
		if (imap_must_pause(s))
			return STEP_MORE;
	}
}
