/* imap_summary - the summary of one message, read from the store or made on the fly.
 *
 * Mail that came in through proto/ingest has a summary beside it: one small read. A message without
 * one, or with one of another version, is parsed again, in pieces and without being held in memory.
 * Keeps the last one loaded, so that the items of one message share it. */
#ifndef PROTO_IMAP_SUMMARY_H
#define PROTO_IMAP_SUMMARY_H

#include "mail/summary.h"
#include "proto/imap/imap_session.h"

struct imap_summary {
	struct summary summary;          /* valid after STEP_DONE, until the next load */
	uint32_t uid;                    /* whose it is; 0: nobody's */
	struct buf blob;
	struct summary_builder *builder; /* while one is being made */
	uint64_t at;                     /* how much of the message it has seen */
};

void imap_summary_init(struct imap_summary *m);
void imap_summary_free(struct imap_summary *m); /* fine on a zeroed one */

/* ERR_NONE: m->summary describes the message. ERR_AGAIN: call again after the session's next turn.
 * ERR_GONE, ERR_CORRUPT, ERR_NOMEM, ERR_IO. */
MUST_CHECK enum err imap_summary_load(struct imap_session *s, struct imap_summary *m,
                                      const struct msg_info *info);

#endif
