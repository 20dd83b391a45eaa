#include <stdlib.h>

#include "proto/imap/imap_change.h"

/* COPY and MOVE. Both name all their messages to the store at once: it does all or nothing. */

enum { GATHER_SLICE = 1024 };

struct copy_cmd {
	struct imap_seqset set;
	struct slice target_name;
	uint32_t uid_validity;     /* of the target, when it was done */
	uint32_t *uids, *new_uids; /* on the heap; as many as there are messages to take */
	size_t count, cap;
	uint32_t uid; /* gathered up to here */
	bool is_gathered, is_changed, some_gone;
};

enum err imap_print_uids(struct buf *dst, const uint32_t *uids, const uint32_t *keep, size_t count)
{
	const char *separator = "";
	for (size_t i = 0; i < count;) {
		size_t end = i + 1;
		if (!uids[i] || (keep && !keep[i])) {
			i = end;
			continue;
		}
		while (end < count && uids[end] == uids[end - 1] + 1 && (!keep || keep[end]))
			end++;
		enum err err = buf_addf(dst, "%s%u", separator, uids[i]);
		if (!err && end - i > 1)
			err = buf_addf(dst, ":%u", uids[end - 1]);
		if (err)
			return err;
		separator = ",";
		i = end;
	}
	return ERR_NONE;
}

static void copy_end(struct imap_session *s)
{
	struct copy_cmd *c = s->cmd;
	free(c->uids);
	free(c->new_uids);
}

/* ---- gathering ---- */

static enum err add_uid(struct copy_cmd *c, uint32_t uid)
{
	if (c->count == IMAP_COPY_MAX)
		return ERR_LIMIT;
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		uint32_t *uids = realloc(c->uids, cap * sizeof(*uids));
		if (!uids)
			return ERR_NOMEM;
		c->uids = uids;
		c->cap = cap;
	}
	c->uids[c->count++] = uid;
	return ERR_NONE;
}

static enum err gather(struct imap_session *s, struct copy_cmd *c)
{
	uint32_t seq = 0;
	struct msg_info info;
	for (unsigned i = 0; i < GATHER_SLICE; i++) {
		if (!imap_set_next(s, &c->set, c->uid, &c->uid, &seq)) {
			c->is_gathered = true;
			return ERR_NONE;
		}
		if (view_info(&s->view, c->uid, &info)) {
			c->some_gone = true;
			continue;
		}
		enum err err = add_uid(c, c->uid);
		if (err)
			return err;
	}
	return ERR_NONE;
}

/* ---- changing ---- */

static enum err change(struct imap_session *s, struct copy_cmd *c, bool is_move)
{
	/* The target was there when the command came; somebody may have deleted it since. */
	struct mailbox *target = imap_find_box(s, c->target_name);
	if (!target)
		return ERR_NOT_FOUND;
	c->new_uids = calloc(c->count, sizeof(*c->new_uids));
	if (!c->new_uids)
		return ERR_NOMEM;
	struct msg_change change = {
		.kind = is_move ? CHANGE_MOVE : CHANGE_COPY,
		.uids = c->uids,
		.count = c->count,
		.target = target,
		.uids_out = c->new_uids,
	};
	c->uid_validity = target->uid_validity;
	return imap_change(s, &change);
}

/* "COPYUID 38505 304,319:320 3956:3958" with a NUL behind (RFC 4315 3). */
static enum err make_code(const struct copy_cmd *c, struct buf *code)
{
	enum err err = buf_addf(code, "COPYUID %u ", c->uid_validity);
	if (!err)
		err = imap_print_uids(code, c->uids, c->new_uids, c->count);
	if (!err)
		err = buf_add_byte(code, ' ');
	if (!err)
		err = imap_print_uids(code, c->new_uids, NULL, c->count);
	if (!err)
		err = buf_add_byte(code, '\0');
	return err;
}

/* ---- answers ---- */

static enum step refuse(struct imap_session *s, enum err err)
{
	if (err == ERR_NOT_FOUND)
		return imap_no(s, "TRYCREATE", "There is no such mailbox");
	if (err == ERR_LIMIT)
		return imap_no(s, "LIMIT", "Too many messages at once");
	return imap_no_err(s, err);
}

static enum step answer(struct imap_session *s, struct copy_cmd *c, bool is_move)
{
	struct buf code;
	const char *done = is_move ? "Moved" : "Copied";
	buf_init(&code, s->reply.max_bytes / 2);
	/* Too many ranges for one line: COPYUID may be missing then (RFC 4315 3: SHOULD). */
	const char *text = make_code(c, &code) ? NULL : (const char *)code.bytes;
	enum step step = STEP_DONE;
	if (!is_move) {
		step = imap_ok(s, text, done);
	} else {
		/* Before the EXPUNGE responses, which come with the tagged reply (RFC 6851 4.3). */
		if (text) {
			out_str(&s->out, "* OK [");
			out_str(&s->out, text);
			out_str(&s->out, "] Moved\r\n");
		}
		step = imap_ok(s, NULL, done);
	}
	buf_free(&code);
	return step;
}

static enum step finish(struct imap_session *s, struct copy_cmd *c, bool is_move)
{
	if (!c->count)
		return imap_ok(s, NULL, "There was nothing to do");
	/* What a MOVE says before its reply must be true by then. */
	enum err err = is_move ? imap_wait(s) : ERR_NONE;
	if (err)
		return err == ERR_AGAIN ? STEP_MORE : imap_no_err(s, err);
	return answer(s, c, is_move);
}

/* STEP_MORE: s->cmd is ready to run. */
static enum step copy_start(struct imap_session *s, bool is_move)
{
	struct copy_cmd *c = arena_alloc(&s->arena, sizeof(*c));
	if (!c)
		return imap_no_err(s, ERR_NOMEM);
	if (!lex_space(&s->lex) || !lex_seqset(&s->lex, &c->set) || !lex_space(&s->lex) ||
	    !lex_mailbox(&s->lex, &c->target_name) || !lex_end(&s->lex))
		return imap_bad_lex(s);
	if (imap_resolve(s, &c->set))
		return imap_bad(s, "There is no message with such a number");
	if (is_move && s->is_read_only)
		return imap_no(s, "NOPERM", "The mailbox is open for reading only");
	if (!imap_find_box(s, c->target_name))
		return refuse(s, ERR_NOT_FOUND);
	s->cmd = c;
	s->cmd_end = copy_end;
	return STEP_MORE;
}

static enum step run(struct imap_session *s, bool is_move)
{
	if (!s->cmd) {
		enum step step = copy_start(s, is_move);
		if (step != STEP_MORE)
			return step;
	}
	struct copy_cmd *c = s->cmd;
	while (!c->is_gathered) {
		enum err err = gather(s, c);
		if (err)
			return refuse(s, err);
		if (imap_must_pause(s))
			return STEP_MORE;
	}
	/* Nothing is copied when a message that the client counted is gone (RFC 2180 4.4.1). */
	if (c->some_gone && !s->is_uid)
		return imap_no(s, "EXPUNGEISSUED", "Some messages no longer exist");
	if (c->count && !c->is_changed) {
		enum err err = change(s, c, is_move);
		if (err)
			return refuse(s, err);
		c->is_changed = true;
	}
	return finish(s, c, is_move);
}

enum step imap_run_copy(struct imap_session *s)
{
	return run(s, false);
}

enum step imap_run_move(struct imap_session *s)
{
	return run(s, true);
}
