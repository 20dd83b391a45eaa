/* journal_index - the message list of one mailbox: 40 bytes for each message, ascending by UID.
 *
 * In memory only while the mailbox is open. It is built from chunks (encoded entries) and records
 * applied in the order of the log, and kept up to date by the same records. What few messages need
 * beyond an entry (bytes in further segments, an identity given from outside) stands aside. */
#ifndef STORE_JOURNAL_INDEX_H
#define STORE_JOURNAL_INDEX_H

#include "store/journal_record.h"
#include "store/store.h"

enum entry_bits {
	ENTRY_OWNER = 1,    /* its bytes are counted to the segments; not so for a copy's */
	ENTRY_DEFLATED = 2,
	ENTRY_EXTRA = 4,    /* index_extra has more */
};

/* Fields wider than they need to be are cut to whole bytes; entry_unpack gives them back. */
struct entry {
	uint32_t uid;
	flags_t flags;
	uint32_t size;
	uint32_t save_date;   /* seconds since 1970: until 2106 */
	uint8_t modseq[6], internal_date[5], serial[6], slot[3], offset[3];
	uint8_t bits;         /* enum entry_bits */
};

struct extra {
	struct extra *next;   /* while it is spare */
	uint32_t uid;
	uint32_t slot_count;  /* further segments with pieces of it, without the head's */
	uint32_t slot_cap;
	bool has_id;
	struct msg_id id;
	uint32_t slots[];
};

/* An entry in handy form. */
struct message {
	uint32_t uid, size, slot, offset;
	flags_t flags;
	int64_t internal_date, save_date;
	uint64_t modseq, serial;
	uint8_t bits;
	uint32_t slot_count;      /* of slots, borrowed */
	const uint32_t *slots;
	const struct msg_id *id;  /* from outside, borrowed; NULL: instance and serial */
};

struct index {
	struct entry *at;
	uint32_t count, cap;
	struct extra **extras;    /* ascending by UID */
	uint32_t extra_count, extra_cap;
	struct extra *spare;      /* from index_reserve_extra */
};

void index_free(struct index *ix); /* leaves it empty */
/* Room for n more entries, so that applying a record that adds them cannot fail but for extras. */
MUST_CHECK enum err index_reserve(struct index *ix, uint32_t n);
/* The same for one extra; may be called for several. */
MUST_CHECK enum err index_reserve_extra(struct index *ix, uint32_t slots);
uint32_t index_position(const struct index *ix, uint32_t uid); /* first entry with UID >= uid */
bool index_has(const struct index *ix, uint32_t uid, uint32_t *position_out);
void index_get(const struct index *ix, uint32_t position, struct message *m_out);
/* Inserts, or replaces the one with the same UID. */
MUST_CHECK enum err index_put(struct index *ix, const struct message *m);
void index_drop(struct index *ix, uint32_t position);
/* Does what a record of one of the types ENTRIES, FLAGS, EXPUNGE, RAISE, MOVED says; body is what
 * stands behind box number and tally. ERR_SYNTAX: damaged. */
MUST_CHECK enum err index_apply(struct index *ix, enum record_type type, struct slice body);

/* Entries one after the other, each relative to the one before. Zero `last` at the start. */
void pack_message(struct pack *p, struct message *last, const struct message *m);
/* More slots than this are damage. */
enum { MESSAGE_SLOTS_MAX = 4096 };
/* The last one read, and what it points to. message_reader_init before the first. */
struct message_reader {
	struct message m;
	struct msg_id id;
	uint32_t slots[MESSAGE_SLOTS_MAX];
};
static inline void message_reader_init(struct message_reader *r)
{
	r->m = (struct message){0};
}
bool unpack_message(struct unpack *u, struct message_reader *r);

#endif
