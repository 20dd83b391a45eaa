/* imap_answer - what a search has found, and how it is told: SEARCH, ESEARCH, "$".
 *
 * One bit for each numbered message, so that any number of hits costs the same small memory. No number
 * moves while a command runs, so bits stand for sequence numbers. Answers are written in pieces. */
#ifndef PROTO_IMAP_ANSWER_H
#define PROTO_IMAP_ANSWER_H

#include "proto/imap/imap_search.h"

struct search_answer {
	uint8_t *bits;                 /* in the arena */
	uint32_t messages;             /* as many bits */
	uint32_t count, min_seq, max_seq;
	uint64_t highest_modseq;       /* of all hits; min and max have their own */
	uint64_t min_modseq, max_modseq;
	unsigned options;              /* 0: a plain SEARCH response */
	bool has_modseq;
	/* While it is being written. */
	bool is_begun;
	uint32_t at;                   /* the last number looked at */
	struct imap_range run;         /* ESEARCH ALL: not yet written; first 0: none */
	bool has_written_run;
};

MUST_CHECK enum err search_answer_init(struct search_answer *a, struct imap_session *s,
                                       const struct search_program *program);
void search_answer_add(struct search_answer *a, uint32_t seq, const struct msg_info *info);
/* Only MIN was asked for, and it is known: looking further is of no use. */
bool search_answer_is_settled(const struct search_answer *a);
/* STEP_MORE: the session must pause; call again. */
enum step search_answer_write(struct imap_session *s, struct search_answer *a);

/* "$" (RFC 5182): UIDs, on the heap, until the next SAVE, SELECT, or the end of the session. */
MUST_CHECK enum err imap_save_result(struct imap_session *s, const struct search_answer *a);

#endif
