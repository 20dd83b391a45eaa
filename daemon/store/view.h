/* view - one session's numbering of an open mailbox (RFC 3501 2.3.1.2, 7.4.1).
 *
 * Message sequence numbers may change only when the client is told. A view numbers the messages
 * the client knows: those of the mailbox below a UID limit, plus those expunged meanwhile and not
 * yet reported. It keeps no list of messages: a session that has caught up costs a few words,
 * whatever the mailbox holds. What is pending is kept as a bounded list of UIDs; when it overflows
 * the view falls back to a scan by modseq for flag changes. Expunged UIDs are always kept exactly.
 *
 * A view may have a floor: what stood below it when it was opened is hidden. Hidden messages have no
 * numbers, are found by no UID, and what happens to them is no news. What comes in is never hidden.
 *
 * The owner is called (on_change) when there is news, from inside the change: it schedules itself
 * and later takes the news out with view_next. */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "store/store.h"

enum {
	VIEW_CHANGED_MAX = 1024, /* pending flag changes kept by UID */
	VIEW_RECENT_MAX = 512,   /* ranges of \Recent; the oldest is forgotten first */
};

struct view {
	struct mailbox *box;
	struct box_listener listener;
	void (*on_change)(struct view *view); /* may be NULL */
	uint32_t floor;        /* messages with UIDs below it are hidden */
	uint32_t uid_limit;    /* those with UIDs below it and not hidden are numbered */
	uint32_t count;        /* EXISTS as the client knows it */
	uint64_t seen_modseq;  /* flag changes up to here were reported */
	struct uid_list {      /* ascending */
		uint32_t *uids;
		uint32_t count, cap;
	} expunged, changed;
	bool changed_overflow; /* look for modseq > seen_modseq instead */
	bool is_gone;          /* the mailbox was deleted, or no memory was left to keep count */
	bool has_recent;       /* claims \Recent for what it is told about first */
	struct uid_range {     /* ascending, disjoint: UIDs that are \Recent here */
		uint32_t first, last;
	} *recent;
	uint32_t recent_count;
	uint32_t scan_uid;     /* progress of the modseq scan: UIDs below it were looked at */
};

/* Numbers everything visible now. The mailbox must be open and stays the caller's to close.
 * claims_recent: SELECT does, EXAMINE and STATUS do not (RFC 3501 6.3.2). */
MUST_CHECK enum err view_open(struct view *view, struct mailbox *box, bool claims_recent,
                              void (*on_change)(struct view *view));
/* The same for the newest so many messages; 0: all. */
MUST_CHECK enum err view_open_newest(struct view *view, struct mailbox *box, uint64_t newest,
                                     bool claims_recent, void (*on_change)(struct view *view));
/* All of them, for a client that is never told any news (POP3): expunges are taken note of, so that numbers
 * stay what they are, but view_next has nothing to say. */
MUST_CHECK enum err view_open_numbers(struct view *view, struct mailbox *box);
/* The floor for the newest so many messages of an open mailbox; 1 when that is all of them. */
uint32_t view_floor(struct mailbox *box, uint64_t newest);
void view_close(struct view *view); /* harmless on a zeroed view */

uint32_t view_uid(struct view *view, uint32_t seq);     /* 0 when seq is 0 or above count */
uint32_t view_seq(struct view *view, uint32_t uid);     /* 0 when it is not numbered */
/* Number of the first numbered message with UID >= uid; count + 1 when there is none. */
uint32_t view_seq_at_or_after(struct view *view, uint32_t uid);
uint32_t view_last_uid(struct view *view);              /* "*": 0 when empty */
uint32_t view_first_unseen(struct view *view);          /* a UID; 0: there is none */
/* ERR_GONE: numbered, but expunged meanwhile. */
MUST_CHECK enum err view_info(struct view *view, uint32_t uid, struct msg_info *info_out);
bool     view_is_recent(const struct view *view, uint32_t uid);
uint32_t view_recent(struct view *view);                /* how many numbered messages are recent */

enum view_news_kind {
	VIEW_NOTHING,
	VIEW_MORE,    /* many messages looked at, nothing found yet: call again, now or later */
	VIEW_EXPUNGE, /* seq and uid: renumbered from here on; report before anything else */
	VIEW_EXISTS,  /* count grew: report EXISTS (and RECENT) */
	VIEW_FLAGS,   /* seq, uid: report FLAGS (and MODSEQ) */
	VIEW_GONE,    /* the mailbox is no more */
};
struct view_news {
	enum view_news_kind kind;
	uint32_t seq, uid;
};
/* Takes the next piece of news, in the order a client can follow: expunges (only when allowed, the
 * highest number first), then new messages, then flags. Each call is one bounded step. After
 * VIEW_EXPUNGE for message 5 the view has renumbered already. With silent expunges (QRESYNC
 * VANISHED) seq may be ignored. VIEW_GONE comes before all else, and again and again. */
struct view_news view_next(struct view *view, bool may_expunge);
bool view_has_news(const struct view *view, bool may_expunge);
/* The session itself has reported this message's flags at this modseq (FETCH response to its own
 * STORE), or wants them not reported (.SILENT): drop them from what is pending. Done within
 * VIEW_CHANGED_MAX changes it always works; during a scan the flags may be reported once more. */
void view_forget_flags(struct view *view, uint32_t uid);

#endif
