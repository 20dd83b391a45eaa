/* mbox_write - messages as an mbox file, in the mboxrd dialect: LF at the ends of lines, a > more in
 * front of lines that begin with From (behind any number of >), an empty line behind each message.
 *
 * Flags stand in Status and X-Status fields on top of each message, keywords in X-Keywords: what
 * Dovecot, mutt and Python's mailbox module read, and `surel import mbox --mboxrd`. */
#ifndef APP_MBOX_WRITE_H
#define APP_MBOX_WRITE_H

#include "store/store.h"

struct mbox_writer {
	size_t quotes;      /* > at the start of the line, not yet written */
	size_t matched;     /* octets of "From " behind them */
	bool at_start;      /* of a line, still undecided */
	bool held_cr;
	bool ends_with_lf;
};

/* The From_ line and the fields. `keywords` are separated by blanks. */
MUST_CHECK enum err mbox_begin_message(struct mbox_writer *w, struct slice sender, int64_t date_s,
                                       flags_t flags, struct slice keywords, struct buf *dst);
/* Needs room for twice the bytes and some more. */
MUST_CHECK enum err mbox_add(struct mbox_writer *w, struct slice bytes, struct buf *dst);
MUST_CHECK enum err mbox_end_message(struct mbox_writer *w, struct buf *dst);

#endif
