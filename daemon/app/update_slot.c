#include "app/update_slot.h"

#include <stdio.h>

#define SLOT_MAGIC "surel-slot 1"

const char *slot_state_name(enum slot_state state)
{
	static const char *const names[SLOT_STATES] = {"empty", "new", "trying", "good", "failed"};
	return names[state];
}

void slot_record_print(struct slot_record record, uint8_t sector[UPDATE_SLOT_RECORD_BYTES])
{
	memset(sector, 0, UPDATE_SLOT_RECORD_BYTES);
	snprintf((char *)sector, UPDATE_SLOT_RECORD_BYTES, SLOT_MAGIC "\nstate=%s\norder=%u\n",
		 slot_state_name(record.state), (unsigned)record.order);
}

/* The value behind "NAME=" of the next line. */
static struct slice record_line(struct slice *rest, const char *name)
{
	struct slice value = slice_split(rest, '\n');
	return slice_eq_str(slice_split(&value, '='), name) ? value : SLICE_EMPTY;
}

static bool state_find(struct slice name, enum slot_state *state_out)
{
	for (int i = 0; i < SLOT_STATES; i++) {
		*state_out = (enum slot_state)i;
		if (slice_eq_str(name, slot_state_name(*state_out)))
			return true;
	}
	return false;
}

struct slot_record slot_record_parse(struct slice sector)
{
	struct slot_record record = {SLOT_EMPTY, 0};
	struct slice rest = slice_upto(sector, slice_find_byte(sector, 0));
	uint64_t order = 0;
	if (!slice_eq_str(slice_split(&rest, '\n'), SLOT_MAGIC) ||
	    !state_find(record_line(&rest, "state"), &record.state) ||
	    slice_u64(record_line(&rest, "order"), UPDATE_SLOT_ORDER_MAX, &order))
		return (struct slot_record){SLOT_EMPTY, 0};
	record.order = (uint32_t)order;
	return record;
}

void slot_look(struct update_medium *m, struct slot_view *view)
{
	uint8_t bytes[UPDATE_HEAD_BYTES];
	*view = (struct slot_view){0};
	if (m->size < UPDATE_SLOT_OFFSET + UPDATE_HEAD_BYTES ||
	    m->ops->read(m, 0, bytes, UPDATE_SLOT_RECORD_BYTES))
		return;
	view->is_there = true;
	view->room = m->size - UPDATE_SLOT_OFFSET;
	view->record = slot_record_parse(slice_of(bytes, UPDATE_SLOT_RECORD_BYTES));
	if (m->ops->read(m, UPDATE_SLOT_OFFSET, bytes, sizeof(bytes)) == ERR_NONE)
		view->has_head = update_head_parse(slice_of(bytes, sizeof(bytes)), &view->head) ==
				 UPDATE_GOOD;
}

static enum err slot_put_record(struct update_medium *m, enum slot_state state, uint32_t order)
{
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES];
	slot_record_print((struct slot_record){state, order}, sector);
	enum err err = m->ops->write(m, 0, slice_of(sector, sizeof(sector)));
	return err ? err : m->ops->sync(m);
}

enum err slot_clear(struct update_medium *m)
{
	return slot_put_record(m, SLOT_EMPTY, 0);
}

enum err slot_write(struct update_medium *m, uint64_t at, struct slice bytes)
{
	return m->ops->write(m, UPDATE_SLOT_OFFSET + at, bytes);
}

enum update_fault slot_settle(struct update_medium *m, const uint8_t *bytes,
			      const struct update_head *head, uint32_t order)
{
	uint8_t written[UPDATE_HEAD_BYTES];
	if (m->ops->sync(m))
		return UPDATE_UNWRITABLE;
	if (m->ops->read(m, UPDATE_SLOT_OFFSET, written, sizeof(written)))
		return UPDATE_UNREADABLE;
	if (memcmp(written, bytes, sizeof(written)) != 0)
		return UPDATE_DAMAGED;
	enum update_fault fault = update_verify_payload(m, UPDATE_SLOT_OFFSET, head);
	if (!fault && slot_put_record(m, SLOT_NEW, order))
		fault = UPDATE_UNWRITABLE;
	return fault;
}
