/* journal_record - the bytes of groups and records; nothing else knows them. FORMAT.md gives them.
 *
 * A group is what is written, checked and recovered as a whole: a header, then records. Its checksum
 * is bound to the store, the segment's generation and the place, so that neither the bytes of an
 * earlier use of the segment nor the text of a message can be taken for a group. */
#ifndef STORE_JOURNAL_RECORD_H
#define STORE_JOURNAL_RECORD_H

#include "base/codec.h"
#include "store/flags.h"

enum {
	JOURNAL_VERSION = 2,        /* what is written; 1 is read, too: it had no notes */
	GROUP_HEADER_BYTES = 32,
	SEGMENT_HEADER_BYTES = 512, /* the first group stands behind it */
	SEGMENT_LINK_BYTES = 512,   /* kept free at the end for the link to the next segment */
	SEGMENT_BYTES_MIN = 16 * 1024,
	SEGMENT_BYTES_MAX = 16 * 1024 * 1024,
	ROOT_AREA_BYTES = 8192,     /* two root blocks, 4096 bytes apart */
	ROOT_BLOCK_BYTES = 512,
};

enum group_kind {
	GROUP_LOG = 1,  /* records */
	GROUP_DATA = 2, /* pieces of a long message: means nothing by itself */
	GROUP_LINK = 3, /* the log goes on in another segment */
};
enum { GROUP_MORE = 1 }; /* flag: means nothing unless the groups up to one without it are there */

struct group_head {
	uint32_t len;    /* header and records, without the padding to the next sector */
	uint8_t kind, flags;
	uint64_t number; /* counts up by one through the whole log */
	uint32_t lag;    /* groups up to number - lag were durable when this one was written */
	uint32_t chain;  /* checksum of the group before */
	uint32_t crc;
};

uint32_t group_seed(uint64_t salt, uint64_t seq, uint32_t offset);
/* Writes the header over the first GROUP_HEADER_BYTES of a group; head->crc is filled in. */
void group_seal(uint8_t *bytes, struct group_head *head, uint32_t seed);
/* Reads a header without checking the sum. false: cannot be one. */
bool group_peek(const uint8_t *bytes, uint32_t room, struct group_head *head_out);
bool group_is_whole(const uint8_t *bytes, const struct group_head *head, uint32_t seed);

static inline uint32_t sector_round(uint32_t n)
{
	return (n + 511u) & ~511u;
}

struct segment_head {
	uint32_t version; /* as read */
	uint64_t instance, salt, seq;
	uint32_t slot, segment_bytes;
};
void segment_head_put(uint8_t bytes[SEGMENT_HEADER_BYTES], const struct segment_head *head);
bool segment_head_get(const uint8_t bytes[SEGMENT_HEADER_BYTES], struct segment_head *head_out);
/* The version in a whole header, whatever it is; 0: this is no header. The same for roots. */
uint32_t segment_head_version(const uint8_t bytes[SEGMENT_HEADER_BYTES]);
uint32_t root_version(const uint8_t bytes[ROOT_BLOCK_BYTES]);

/* Where the newest checkpoint begins, and what the store is. */
struct root_block {
	uint32_t version;
	uint64_t generation, instance, salt;
	uint32_t segment_bytes;
	uint32_t slot, offset; /* of the group with which the checkpoint begins */
	uint64_t seq, number;
	uint32_t chain;
};
void root_put(uint8_t bytes[ROOT_BLOCK_BYTES], const struct root_block *root);
bool root_get(const uint8_t bytes[ROOT_BLOCK_BYTES], struct root_block *root_out);

enum record_type {
	RECORD_MOUNT = 1,       /* modseq jump, random bytes */
	RECORD_ACCOUNT = 2,     /* account, last UIDVALIDITY, name: made or changed */
	RECORD_ACCOUNT_GONE = 3,
	RECORD_BOX = 4,         /* box, account, how, use, ids, name: made or changed */
	RECORD_BOX_GONE = 5,    /* its messages are accounted for later, or before in the same unit */
	RECORD_BOX_FREED = 6,   /* ... they are now */
	RECORD_KEYWORDS = 7,    /* box, first index, names */
	RECORD_ENTRIES = 8,     /* box, tally, entries */
	RECORD_FLAGS = 9,       /* box, tally, modseq, op, flags, UIDs */
	RECORD_EXPUNGE = 10,    /* box, tally, UIDs */
	RECORD_RAISE = 11,      /* box, tally, modseq, UIDs: a new modseq and no other change */
	RECORD_RECENT = 12,     /* box, UID */
	RECORD_USAGE = 13,      /* per slot: change of references and bytes */
	RECORD_MOVED = 14,      /* box, entries: the same messages at other places */
	RECORD_BLOB = 15,       /* a message: head, block table, summary, blocks */
	RECORD_CHUNK = 16,      /* box, kind: a piece of its list, for a checkpoint to refer to */
	RECORD_CKPT_BEGIN = 17,
	RECORD_CKPT_BOX = 18,   /* box, tally, recent, is gone */
	RECORD_CKPT_CHUNKS = 19,
	RECORD_CKPT_USAGE = 20,
	RECORD_CKPT_END = 21,
	RECORD_NOTE = 22,       /* box, length, offset, a piece; from version 2 on */
};

struct record {
	uint8_t type;
	struct slice body;
	struct slice all; /* with type and length */
};
/* Takes the first record off *payload. ERR_SYNTAX when it is not well formed. */
MUST_CHECK enum err record_next(struct slice *payload, struct record *record_out);

/* --- writing and reading fields: the first error sticks, one check at the end ------------------ */
struct pack {
	struct buf *dst;
	enum err err;
	size_t record_start; /* between pack_open and pack_close */
};
void pack_u(struct pack *p, uint64_t value);
void pack_i(struct pack *p, int64_t value); /* zigzag */
void pack_bytes(struct pack *p, const void *bytes, size_t n);
void pack_text(struct pack *p, struct slice s); /* length, bytes */
/* One record: open, fields, close. Closing makes the length fit in front of the fields. */
void pack_open(struct pack *p, enum record_type type);
void pack_close(struct pack *p);
/* The same for a record about a mailbox, whose number comes first; and one that has nothing else. */
void pack_open_box(struct pack *p, enum record_type type, uint32_t box);
void pack_box_alone(struct pack *p, enum record_type type, uint32_t box);
static inline size_t pack_len(const struct pack *p) /* of the open record, so far */
{
	return p->dst->len - p->record_start;
}

struct unpack {
	struct slice rest;
	bool is_bad;
};
uint64_t unpack_u(struct unpack *u);
uint32_t unpack_u32(struct unpack *u); /* bad when it does not fit */
int64_t  unpack_i(struct unpack *u);
struct slice unpack_bytes(struct unpack *u, size_t n);
struct slice unpack_text(struct unpack *u);

/* Ascending UIDs as (gap, run) pairs. */
void pack_uids(struct pack *p, const uint32_t *uids, size_t count);
struct uid_reader {
	struct unpack *u;
	uint64_t ranges, behind;
};
void uid_reader_init(struct uid_reader *r, struct unpack *u);
/* The next range of UIDs. false: end, or u is bad. */
bool uid_reader_next(struct uid_reader *r, uint32_t *first_out, uint32_t *last_out);

/* The counters of a mailbox after the change that a record describes. */
struct tally {
	uint32_t messages, unseen, deleted, uid_next;
	uint64_t size_bytes, modseq;
};
void pack_tally(struct pack *p, const struct tally *t);
void unpack_tally(struct unpack *u, struct tally *t_out);

#endif
