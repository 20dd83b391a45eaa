/* journal - the state of one open journal, shared by the journal_*.c files and nobody else.
 *
 * Everything here belongs to the loop's thread. Jobs get their own buffers and call the medium.
 * The parts, from the flash upwards:
 *   segment   which areas there are, what is still referred to in them, which are free
 *   log       groups on their way to flash; one flight (write and sync) at a time
 *   box       accounts and mailboxes, always in memory; the state that records change
 *   blob      messages: cut into blocks, deflated, written; read back through a small cache
 *   checkpoint, mount, tidy, check
 * DESIGN. One log for the whole store, so that one sync serves every client and every account, and
 * a message for several users is stored once. Groups are padded to sectors: an acknowledged sector
 * is never written again, so nothing acknowledged can be torn, and written around the page cache,
 * so a small commit costs sectors and not pages. The log's own records are what recovery reads; the
 * running store applies the same records to the same tables (box_apply), so that what a start
 * rebuilds is what was there. Lists of messages are written as chunks, whole when the mailbox is
 * closed after much has changed, else only the records since the last checkpoint: a changed flag
 * never rewrites a list. There is no table of all messages: what refers to a segment is counted,
 * and whoever wants to empty one looks through the mailboxes for it. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "base/buf.h"
#include "store/journal_index.h"
#include "store/journal_record.h"
#include "store/medium.h"
#include "store/store_backend.h"

struct journal;

struct place {
	uint32_t slot, offset;
};

/* --- segments ------------------------------------------------------------------------------------ */
enum segment_state {
	SEGMENT_ABSENT,
	SEGMENT_FREE, /* there, written before, nobody refers to it */
	SEGMENT_USED,
};
struct segment {
	uint64_t seq;      /* generation: counts up each time a segment is taken into use */
	uint64_t released; /* group in which the last reference went: not free before it is durable */
	uint32_t refs;     /* messages that refer to it, as the records say */
	uint32_t pins;     /* list chunks and appends under way; not in any record */
	int64_t bytes;     /* what those messages occupy, roughly: for choosing what to tidy */
	uint8_t state;
	bool is_there;     /* the medium has it; a checkpoint may tell of one removed since */
	bool is_stuck;     /* tidying could not empty it */
};
struct segments {
	struct segment *at; /* by slot; 0 is the root's and never used */
	uint32_t count, cap, free, used;
	uint32_t last_taken;
	bool may_collect;   /* something became free since the last look */
};

/* Who may use how much of the last free segments: deleting works when nothing else does. */
enum room_class { ROOM_BULK, ROOM_NORMAL, ROOM_VITAL, ROOM_TIDY, ROOM_CHECKPOINT };

/* --- the log ------------------------------------------------------------------------------------- */
struct group {
	struct group *next;
	uint8_t *bytes;
	uint32_t len, cap;
	uint32_t slot, offset;
	uint64_t seq, number;
	uint8_t kind, flags; /* kind 0: a segment header, written as it is */
};
struct flight {
	struct job job;
	struct journal *journal;
	struct group *groups;
	uint32_t *slots, slot_count; /* to sync; taken over from the log's dirty ones */
	uint64_t number, ticket;
	bool is_busy, is_sync;
	enum err err;
};
struct log_writer {
	uint32_t slot, offset;  /* where the next group will begin, behind the open one's start */
	uint64_t seq;
	uint64_t next_number, durable;
	uint32_t chain;
	struct group *open;     /* being filled; NULL: none */
	struct group *first, *last; /* closed, waiting for a flight */
	struct group *spare;    /* memory set aside, so that a unit does not fail half way */
	size_t waiting_bytes;
	uint32_t *dirty, dirty_count, dirty_cap; /* slots written to since the last sync */
	uint64_t ticket;        /* of what is not in flight yet; 0: nobody waits for it */
	uint64_t flush_at_ms;   /* when delayed changes are due; 0: there are none */
	uint64_t bytes_since_checkpoint;
	struct flight flight;
};

/* --- accounts and mailboxes ------------------------------------------------------------------------ */
struct jaccount {
	uint32_t number;
	uint32_t last_uid_validity;
	char *name;             /* of the same memory as the struct */
};
struct chunk {
	struct place place; /* of the record */
	uint32_t bytes, crc;
	bool is_base;       /* entries; else records */
};
struct chunks {
	struct chunk *at;
	uint32_t count, cap;
	uint64_t delta_bytes, base_bytes;
};
struct jbox {
	uint32_t number, account;
	char *name;
	bool exists, is_subscribed, is_gone; /* gone: kept until its messages are accounted for */
	uint32_t special_use, uid_validity, recent_from;
	uint64_t mailbox_id;
	struct tally tally;           /* as logged; the public struct shows what is durable */
	struct keywords keywords;     /* those below keywords_logged are in the log */
	uint32_t keywords_logged;
	struct tally draft;           /* while a unit is being made: the tally after it */
	uint32_t draft_added, draft_uid; /* messages it adds; the next UID to give to them */
	uint64_t draft_of;            /* that unit */
	struct chunks chunks;         /* of the durable checkpoint */
	struct chunks next;           /* written since, for the next one; has_next */
	bool has_next, wants_base;
	struct buf saved, pending;    /* records: in `next` but not in `chunks`; in neither */
	size_t pending_need;          /* of the unit pending_of: what will join pending */
	uint64_t pending_of;
	struct index *index;          /* NULL: not in memory */
	uint32_t visible;             /* entries of index that are durable */
	uint32_t index_users;         /* the opened mailbox, tidying */
	uint32_t unrevealed;          /* messages that are not durable yet */
	bool is_short;                /* mount: groups are lost, the list may have fewer than tallied */
	uint32_t tail_first_uid;      /* mount: first UID added since the checkpoint; 0: none */
	uint64_t idle_since_ms;       /* index without users */
	char *new_name;               /* for a rename: set aside before it is logged */
	struct note {
		uint8_t *bytes;       /* NULL when len is 0 */
		uint32_t len, filled;
	} note, coming;               /* coming: set aside before it is logged, or read in part */
	struct mailbox *public;       /* while its account is loaded */
	struct loading *loading;      /* a job is reading the list */
	enum err load_err;            /* how the last one failed; told once */
	uint32_t chunks_version;      /* counts changes of `chunks` */
	struct list load_waiters;
};
struct boxes {
	struct jaccount **accounts; /* ascending by number */
	struct jbox **at;           /* ascending by number */
	uint32_t account_count, account_cap, count, cap;
	uint32_t next_account, next_box;
	uint64_t next_serial;
};

struct usage {
	struct usage_row {
		uint32_t slot;
		int32_t refs;
		int64_t bytes;
	} *at;                      /* ascending by slot */
	uint32_t count, cap;
};

struct reveal {
	struct jbox *box;
	uint64_t number;            /* of the last group of its unit */
	uint64_t modseq;
	uint32_t uid, size;
	flags_t flags;
};

enum checkpoint_state { CHECKPOINT_NONE, CHECKPOINT_LOGGED, CHECKPOINT_ROOT };
struct checkpoint {
	enum checkpoint_state state;
	bool is_wanted;
	uint64_t number;            /* its last group */
	struct root_block root;     /* to be written */
	uint8_t block[ROOT_BLOCK_BYTES];
	struct job job;
	struct journal *journal;
	enum err err;
	uint64_t last_bytes;        /* what the last one took */
};

struct journal {
	/* The unit being made, see journal_unit.h: its records go into txn, errors stick in unit.err. */
	struct pack unit;
	struct buf txn;
	struct usage usage;         /* its change of references */
	uint64_t unit_serial;       /* counts units */
	uint64_t unit_number;       /* after its commit: the group that must be durable for it */
	struct store *store;
	struct medium *medium;
	bool owns_medium, read_only, has_failed, is_closing;
	bool is_unclean;            /* mount: it was not closed in order */
	struct root_block root;     /* the durable one */
	uint32_t segment_bytes, block_bytes, spill_bytes, record_soft;
	struct segments segments;
	struct log_writer log;
	struct boxes boxes;
	struct reveal *reveals;     /* in order of number */
	size_t reveal_first, reveal_count;
	uint32_t reveal_cap;
	struct checkpoint checkpoint;
	struct list room_waiters;   /* appends that wait for a segment or for memory */
	uint32_t room_waits;        /* how often in a row one was told to wait for a checkpoint */
	struct grow {
		struct job job;
		struct journal *journal;
		bool is_busy, is_refused;
		uint32_t slot;
		enum err err, last_err;
		uint64_t retry_at_ms;
	} grow;
	struct block_cache *cache;
	struct deflater *deflater;
	struct tidy *tidy;
	uint32_t tidy_free_seen;
	bool tidy_is_urgent;        /* mail was refused for want of room */
	uint32_t jobs_busy;
	uint32_t lost_groups;       /* mount: acknowledged groups that could not be read back */
};

static inline struct journal *store_journal(const struct store *st)
{
	return st->backend;
}

/* Has a job done by the store's runner; its done() takes it off jobs_busy. */
void journal_job(struct journal *j, struct job *job, void (*run)(struct job *job),
                 void (*done)(struct job *job));
/* The medium failed in a way that leaves doubt: nothing is written any more. */
void journal_fail(struct journal *j, enum err err);
/* Finishes everything that runs, by turning; used by close. */
uint32_t journal_reserve_segments(const struct journal *j);

#endif
