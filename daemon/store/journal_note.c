#include "store/journal_note.h"

#include <stdlib.h>

#include "store/journal_group.h"

enum { NOTE_FIELDS_BYTES = 32 }; /* of a record, beside the piece itself */

static void note_drop(struct note *note)
{
	free(note->bytes);
	*note = (struct note){.len = 0};
}

void note_free(struct jbox *box)
{
	note_drop(&box->note);
	note_drop(&box->coming);
}

/* Memory that was set aside for just this note is used again. */
static enum err note_begin(struct note *coming, uint32_t len)
{
	if (!coming->bytes || coming->len != len) {
		note_drop(coming);
		coming->bytes = len ? malloc(len) : NULL;
		if (len && !coming->bytes)
			return ERR_NOMEM;
		coming->len = len;
	}
	coming->filled = 0;
	return ERR_NONE;
}

/* --- writing --------------------------------------------------------------------------------------------- */

void pack_note(struct journal *j, const struct jbox *box, struct slice note)
{
	size_t done = 0;
	do {
		struct slice piece = slice_between(note, done, done + j->record_soft);
		pack_open_box(&j->unit, RECORD_NOTE, box->number);
		pack_u(&j->unit, note.len);
		pack_u(&j->unit, done);
		pack_bytes(&j->unit, piece.ptr, piece.len);
		pack_close(&j->unit);
		done += piece.len;
	} while (done < note.len);
}

/* A note may take from the reserve what any deletion may. One that grows makes every later checkpoint
 * longer: when no more segments are to be had, there has to be room for that, too. */
static bool note_has_room(const struct journal *j, const struct jbox *box, size_t len)
{
	size_t piece = j->record_soft + NOTE_FIELDS_BYTES;
	if (len <= box->note.len || !j->grow.is_refused)
		return true;
	size_t n = 2 * (len + NOTE_FIELDS_BYTES * (len / j->record_soft + 1));
	return jlog_has_room(j, n + j->checkpoint.last_bytes, piece, ROOM_CHECKPOINT);
}

enum err note_set(struct journal *j, struct jbox *box, struct slice note)
{
	/* Until the first checkpoint of our own form, a program of version 1 must find nothing that
	 * it does not know. */
	if (j->root.version < JOURNAL_VERSION || !note_has_room(j, box, note.len))
		return ERR_FULL;
	enum err err = note_begin(&box->coming, (uint32_t)note.len);
	if (!err)
		pack_note(j, box, note);
	return err;
}

void note_undo(struct jbox *box)
{
	note_drop(&box->coming);
}

/* --- reading --------------------------------------------------------------------------------------------- */

static void note_adopt(struct jbox *box)
{
	free(box->note.bytes);
	box->note = box->coming;
	box->coming = (struct note){.len = 0};
	if (box->public)
		box->public->note = slice_of(box->note.bytes, box->note.len);
}

enum err note_apply(struct jbox *box, struct unpack *u)
{
	uint32_t len = unpack_u32(u), offset = unpack_u32(u);
	struct slice piece = u->rest;
	struct note *coming = &box->coming;
	enum err err = ERR_NONE;
	if (u->is_bad || len > MAILBOX_NOTE_MAX_BYTES)
		return ERR_SYNTAX;
	if (offset == 0)
		err = note_begin(coming, len);
	if (err)
		return err;
	if (coming->len != len || coming->filled != offset || piece.len > len - offset)
		return ERR_SYNTAX;
	if (piece.len)
		memcpy(coming->bytes + offset, piece.ptr, piece.len);
	coming->filled += (uint32_t)piece.len;
	if (coming->filled == len)
		note_adopt(box);
	return ERR_NONE;
}
