#include "proto/imap/imap_status.h"

#include "mail/lexical.h"
#include "proto/imap/imap_verbs.h"

enum status_item {
	STATUS_MESSAGES = 1,
	STATUS_RECENT = 2,
	STATUS_UIDNEXT = 4,
	STATUS_UIDVALIDITY = 8,
	STATUS_UNSEEN = 16,
	STATUS_DELETED = 32,
	STATUS_SIZE = 64,           /* RFC 8438 */
	STATUS_HIGHESTMODSEQ = 128, /* RFC 7162 */
	STATUS_APPENDLIMIT = 256,   /* RFC 7889 */
};

/* In the order of the bits. */
static const char status_names[] = "MESSAGES\0"
				   "RECENT\0"
				   "UIDNEXT\0"
				   "UIDVALIDITY\0"
				   "UNSEEN\0"
				   "DELETED\0"
				   "SIZE\0"
				   "HIGHESTMODSEQ\0"
				   "APPENDLIMIT\0";

enum {
	STATUS_COUNTS =
		STATUS_MESSAGES | STATUS_RECENT | STATUS_UNSEEN | STATUS_DELETED | STATUS_SIZE,
	STATUS_SLICE = 1024, /* messages counted between two looks at the clock */
};

bool imap_status_read(struct imap_session *s, unsigned *items_out)
{
	*items_out = 0;
	lex_char(&s->lex, '(');
	do {
		size_t item = lex_try_words(&s->lex, status_names);
		if (item == SIZE_MAX)
			return lex_fail(&s->lex, "Unknown STATUS item");
		*items_out |= 1u << item;
	} while (lex_try(&s->lex, ' '));
	return lex_char(&s->lex, ')');
}

/* How many messages no session was told about. Counting them needs the list of messages, but only
 * when there are any. */
static enum err status_recent(struct imap_session *s, struct mailbox *box, uint32_t *recent_out)
{
	*recent_out = 0;
	if (box->recent_from >= box->uid_next || box->messages == 0)
		return ERR_NONE;
	enum err err = mailbox_open(box, &s->base.waiter);
	if (err)
		return err;
	*recent_out = box->messages - mailbox_position(box, box->recent_from);
	mailbox_close(box);
	return ERR_NONE;
}

/* --- the newest messages only (imap.folder_limit) ------------------------------------------------- */

/* True when some of its messages are hidden from this session. */
static bool status_hides(const struct imap_session *s, const struct mailbox *box)
{
	uint64_t limit = s->base.login->policy.imap_folder_limit;
	if (box == s->view.box)
		return s->view.floor > 1;
	return limit && box->messages > limit;
}

void imap_status_end(struct imap_session *s)
{
	struct mailbox *box = s->counting.box;
	s->counting = (struct imap_counting){.box = NULL};
	if (box)
		mailbox_close(box);
}

static enum err status_count_begin(struct imap_session *s, struct mailbox *box)
{
	imap_status_end(s);
	enum err err = mailbox_open(box, &s->base.waiter);
	if (err)
		return err;
	uint64_t limit = s->base.login->policy.imap_folder_limit;
	s->counting.box = box;
	s->counting.next_uid = box == s->view.box ? s->view.floor : view_floor(box, limit);
	return ERR_NONE;
}

static void status_count_one(struct imap_counting *n, const struct msg_info *info)
{
	n->next_uid = info->uid + 1;
	n->messages++;
	n->unseen += !(info->flags & FLAG_SEEN);
	n->deleted += (info->flags & FLAG_DELETED) != 0;
	n->recent += info->uid >= n->box->recent_from;
	n->size_bytes += info->size;
}

/* ERR_AGAIN: later, with the same mailbox. What comes in meanwhile is counted, too. */
static enum err status_count(struct imap_session *s, struct mailbox *box)
{
	struct imap_counting *n = &s->counting;
	struct msg_info info;
	enum err err = n->box == box ? ERR_NONE : status_count_begin(s, box);
	if (err)
		return err;
	for (uint32_t at = mailbox_position(box, n->next_uid); !mailbox_info(box, at, &info);) {
		status_count_one(n, &info);
		if (++at % STATUS_SLICE == 0 && session_must_pause(&s->base))
			return ERR_AGAIN;
	}
	return ERR_NONE;
}

/* The counters of the mailbox itself. */
static enum err status_whole(struct imap_session *s, struct mailbox *box, unsigned items)
{
	enum err err = ERR_NONE;
	uint32_t recent = 0;
	imap_status_end(s);
	if (items & STATUS_RECENT)
		err = status_recent(s, box, &recent);
	s->counting = (struct imap_counting){.messages = box->messages,
					     .unseen = box->unseen,
					     .deleted = box->deleted,
					     .recent = recent,
					     .size_bytes = box->size_bytes};
	return err;
}

static uint64_t status_value(const struct imap_session *s, const struct mailbox *box,
			     enum status_item item)
{
	const struct imap_counting *n = &s->counting;
	switch (item) {
	case STATUS_MESSAGES: return n->messages;
	case STATUS_RECENT: return n->recent;
	case STATUS_UIDNEXT: return box->uid_next;
	case STATUS_UIDVALIDITY: return box->uid_validity;
	case STATUS_UNSEEN: return n->unseen;
	case STATUS_DELETED: return n->deleted;
	case STATUS_SIZE: return n->size_bytes;
	case STATUS_HIGHESTMODSEQ: return box->highest_modseq;
	case STATUS_APPENDLIMIT: return s->base.host->message_max_bytes;
	}
	return 0;
}

enum step imap_status_put(struct imap_session *s, struct mailbox *box, unsigned items)
{
	bool must_count = items & STATUS_COUNTS && status_hides(s, box);
	enum err err = must_count ? status_count(s, box) : status_whole(s, box, items);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		return STEP_BAD;
	if (items & STATUS_HIGHESTMODSEQ)
		imap_enable_condstore(s);
	const char *separator = "";
	out_str(&s->out, "* STATUS ");
	out_mailbox(&s->out, slice_str(box->name));
	out_str(&s->out, " (");
	for (unsigned i = 0; items >> i; i++) {
		if (!(items >> i & 1))
			continue;
		uint64_t value = status_value(s, box, (enum status_item)(1u << i));
		out_fmt(&s->out, "%s%s %llu", separator, lexical_word(status_names, i),
			(unsigned long long)value);
		separator = " ";
	}
	out_str(&s->out, ")\r\n");
	imap_status_end(s);
	return STEP_DONE;
}

/* --- STATUS ------------------------------------------------------------------------------------- */

struct imap_status {
	struct slice name;
	unsigned items;
};

static bool status_read(struct imap_session *s, struct imap_status *status)
{
	return lex_space(&s->lex) && lex_mailbox(&s->lex, &status->name) && lex_space(&s->lex) &&
	       imap_status_read(s, &status->items) && lex_end(&s->lex);
}

enum step imap_run_status(struct imap_session *s)
{
	if (!s->cmd) {
		s->cmd = arena_alloc(&s->arena, sizeof(struct imap_status));
		if (!s->cmd)
			return imap_no_err(s, ERR_NOMEM);
		if (!status_read(s, s->cmd))
			return imap_bad_lex(s);
	}
	struct imap_status *status = s->cmd;
	struct mailbox *box = imap_find_box(s, status->name);
	if (!box)
		return imap_no_err(s, ERR_NOT_FOUND);
	switch (imap_status_put(s, box, status->items)) {
	case STEP_MORE: return STEP_MORE;
	case STEP_BAD: return imap_no_err(s, ERR_IO);
	case STEP_DONE: break;
	}
	return imap_ok(s, NULL, NULL);
}
