/* update_slot - the slot that an update is written to, on a raw device of the board.
 *
 * The first sector is a text record padded with NUL, the container stands at UPDATE_SLOT_OFFSET:
 *
 *	surel-slot 1
 *	state=new
 *	order=3
 *
 * The board's first stage starts the slot of the highest order among `new` and `good`, so what is
 * written comes in this order, each step durable before the next: the record says `empty`, the
 * container, which is then read back and verified, the record says `new`. A cut in between leaves
 * an empty slot. Everything here blocks; for a worker. */
#ifndef APP_UPDATE_SLOT_H
#define APP_UPDATE_SLOT_H

#include "app/update_container.h"

enum {
	UPDATE_SLOT_RECORD_BYTES = 512,
	UPDATE_SLOT_OFFSET = 4096,
	UPDATE_SLOT_ORDER_MAX = 1000 * 1000 * 1000,
};

enum slot_state {
	SLOT_EMPTY,  /* also: nothing that can be understood */
	SLOT_NEW,    /* to be tried at the next start */
	SLOT_TRYING,
	SLOT_GOOD,
	SLOT_FAILED, /* did not come up */
	SLOT_STATES,
};
struct slot_record {
	enum slot_state state;
	uint32_t order;
};
const char *slot_state_name(enum slot_state state); /* "new"; static */
void slot_record_print(struct slot_record record, uint8_t sector[UPDATE_SLOT_RECORD_BYTES]);
/* What is no record is an empty slot of order 0. */
struct slot_record slot_record_parse(struct slice sector);

/* What lies in a slot, for showing it: the signature is not looked at. */
struct slot_view {
	bool is_there; /* the device can be read */
	bool has_head; /* of something that is an update */
	struct slot_record record;
	struct update_head head;
	uint64_t room; /* for a container */
};
void slot_look(struct update_medium *m, struct slot_view *view_out);

/* The first step. ERR_IO. */
MUST_CHECK enum err slot_clear(struct update_medium *m);
/* The next piece of the container, at this offset in it. */
MUST_CHECK enum err slot_write(struct update_medium *m, uint64_t at, struct slice bytes);
/* The container is whole: reads it back and has it started next. `head` is what it must be, read from
 * `bytes`, its first UPDATE_HEAD_BYTES. */
MUST_CHECK enum update_fault slot_settle(struct update_medium *m, const uint8_t *bytes,
                                         const struct update_head *head, uint32_t order);

#endif
