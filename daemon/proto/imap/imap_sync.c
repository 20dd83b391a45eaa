#include "proto/imap/imap_session.h"

/* --- keywords ---------------------------------------------------------------------------------- */

/* RFC 9051 7.3.5: FLAGS tells which flags the mailbox knows; a client must have heard of one before
 * it appears in a FETCH. */
void imap_tell_keywords(struct imap_session *s)
{
	if (!s->view.box || s->view.is_gone || s->view.box->keywords.count == s->keywords_told)
		return;
	imap_write_flag_lists(s);
}

void imap_write_flag_lists(struct imap_session *s)
{
	const struct keywords *k = &s->view.box->keywords;
	uint64_t all = ((uint64_t)1 << (FLAG_KEYWORD_FIRST + k->count)) - 1;
	out_str(&s->out, "* FLAGS ");
	out_flags(&s->out, k, (uint32_t)all, false);
	out_str(&s->out, "\r\n* OK [PERMANENTFLAGS ");
	if (s->is_read_only) {
		out_str(&s->out, "()] Nothing can be changed\r\n");
	} else {
		/* "\*" while the table has room for another keyword. */
		bool has_room = k->count < KEYWORDS_MAX;
		out_str(&s->out, "(");
		for (uint32_t bit = 0; bit < FLAG_KEYWORD_FIRST + k->count; bit++)
			out_fmt(&s->out, "%s%s", bit ? " " : "", flags_name(k, 1u << bit));
		out_str(&s->out, has_room ? " \\*)] " : ")] ");
		out_str(&s->out, has_room ? "Flags and new keywords are kept\r\n"
					  : "Flags are kept, no more keywords\r\n");
	}
	s->keywords_told = k->count;
}

/* --- news -------------------------------------------------------------------------------------- */

void imap_write_flags(struct imap_session *s, uint32_t seq, const struct msg_info *info)
{
	imap_tell_keywords(s);
	out_fmt(&s->out, "* %u FETCH (", seq);
	/* RFC 7162 3.2.4 wants the UID in QRESYNC sessions; whoever keeps mod-sequences has use for
	 * it too. */
	if (s->is_uid || s->qresync || s->condstore)
		out_fmt(&s->out, "UID %u ", info->uid);
	out_str(&s->out, "FLAGS ");
	out_flags(&s->out, &s->view.box->keywords, info->flags,
		  view_is_recent(&s->view, info->uid));
	if (s->condstore)
		out_fmt(&s->out, " MODSEQ (%llu)", (unsigned long long)info->modseq);
	out_str(&s->out, ")\r\n");
}

void imap_write_exists(struct imap_session *s)
{
	s->recent_told = view_recent(&s->view);
	s->has_told_expunge = false;
	out_fmt(&s->out, "* %u EXISTS\r\n* %u RECENT\r\n", s->view.count, s->recent_told);
}

/* RECENT comes whenever the size of the mailbox changes (RFC 3501 7.3.2): also when recent messages
 * have gone. */
static void imap_tell_recent(struct imap_session *s)
{
	uint32_t told = s->recent_told;
	if (!s->has_told_expunge || !told)
		return;
	s->recent_told = view_recent(&s->view);
	s->has_told_expunge = false;
	if (s->recent_told != told)
		out_fmt(&s->out, "* %u RECENT\r\n", s->recent_told);
}

static void imap_write_news(struct imap_session *s, const struct view_news *news)
{
	struct msg_info info;
	switch (news->kind) {
	case VIEW_EXPUNGE:
		out_fmt(&s->out, "* %u EXPUNGE\r\n", news->seq);
		s->has_told_expunge = true;
		break;
	case VIEW_EXISTS: imap_write_exists(s); break;
	case VIEW_FLAGS:
		/* An expunge that may not be told yet: its flags no longer matter. */
		if (!view_info(&s->view, news->uid, &info))
			imap_write_flags(s, news->seq, &info);
		break;
	case VIEW_MORE:
	case VIEW_NOTHING:
	case VIEW_GONE: break;
	}
}

bool imap_sync(struct imap_session *s, bool may_expunge)
{
	while (s->state == IMAP_SELECTED && s->view.box) {
		struct view_news news = view_next(&s->view, may_expunge);
		if (news.kind == VIEW_NOTHING || news.kind == VIEW_GONE)
			break;
		imap_write_news(s, &news);
		if (imap_must_pause(s))
			return false;
	}
	if (s->state == IMAP_SELECTED) {
		imap_tell_keywords(s);
		if (s->view.box && !s->view.is_gone)
			imap_tell_recent(s);
	}
	return true;
}

void imap_enable_condstore(struct imap_session *s)
{
	bool is_first = !s->condstore;
	s->condstore = true;
	if (is_first && s->state == IMAP_SELECTED && s->view.box && !s->view.is_gone)
		out_fmt(&s->out, "* OK [HIGHESTMODSEQ %llu] Highest\r\n",
			(unsigned long long)s->view.box->highest_modseq);
}

/* --- message sets ------------------------------------------------------------------------------ */

/* A sequence number above EXISTS is an error, "*" in an empty mailbox too (RFC 9051 9, seq-number). */
static enum err imap_check_numbers(const struct imap_session *s, const struct imap_seqset *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		uint32_t first = set->ranges[i].first, last = set->ranges[i].last;
		if (s->view.count == 0 || (first > s->view.count && first != UINT32_MAX) ||
		    (last > s->view.count && last != UINT32_MAX))
			return ERR_SYNTAX;
	}
	return ERR_NONE;
}

enum err imap_resolve(struct imap_session *s, struct imap_seqset *set)
{
	if (set->is_saved_result) {
		/* The members are UIDs whichever form the command has (RFC 5182 2.1). */
		*set = s->saved_result;
		set->is_saved_result = true;
		return ERR_NONE;
	}
	if (s->is_uid) {
		imap_seqset_resolve(set, view_last_uid(&s->view));
		return ERR_NONE;
	}
	enum err err = imap_check_numbers(s, set);
	if (!err)
		imap_seqset_resolve(set, s->view.count);
	return err;
}

static bool imap_set_next_uid(struct imap_session *s, const struct imap_seqset *set,
			      uint32_t after_uid, uint32_t *uid_out, uint32_t *seq_out)
{
	uint32_t wanted = after_uid;
	while (wanted < UINT32_MAX && (wanted = imap_seqset_next(set, wanted + 1)) != 0) {
		uint32_t seq = view_seq_at_or_after(&s->view, wanted);
		uint32_t uid = view_uid(&s->view, seq);
		if (uid == 0)
			return false;
		if (imap_seqset_contains(set, uid)) {
			*uid_out = uid;
			*seq_out = seq;
			return true;
		}
		wanted = uid;
	}
	return false;
}

bool imap_set_next(struct imap_session *s, const struct imap_seqset *set, uint32_t after_uid,
		   uint32_t *uid_out, uint32_t *seq_out)
{
	if (s->is_uid || set->is_saved_result)
		return imap_set_next_uid(s, set, after_uid, uid_out, seq_out);
	if (after_uid == UINT32_MAX)
		return false;
	uint32_t from = after_uid ? view_seq_at_or_after(&s->view, after_uid + 1) : 1;
	uint32_t seq = imap_seqset_next(set, from);
	if (seq == 0 || seq > s->view.count)
		return false;
	*seq_out = seq;
	*uid_out = view_uid(&s->view, seq);
	return *uid_out != 0;
}
