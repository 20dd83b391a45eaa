/* journal_group - the writing end of the log.
 *
 * Records are put into the open group, whose place on flash is fixed from its beginning, so that a
 * record's place is known at once. Full groups are closed and wait; a flight writes all that wait
 * and, when somebody needs it, syncs. While a flight is under way the next groups fill: that is the
 * group commit. One flight at a time, so that durable groups are always a prefix of the log. */
#ifndef STORE_JOURNAL_GROUP_H
#define STORE_JOURNAL_GROUP_H

#include "store/journal.h"

/* Room for n bytes in pieces of at most `piece`, for this class of writer. */
bool jlog_has_room(const struct journal *j, uint64_t n, size_t piece, enum room_class class);
uint32_t jlog_piece_max(const struct journal *j); /* the longest piece that fits into a segment */

/* Puts bytes that mean nothing by themselves: a record that others refer to (GROUP_LOG), or pieces
 * of a long message (GROUP_DATA, a group of its own). The parts are laid one behind the other.
 * ERR_FULL, ERR_NOMEM: nothing happened. The caller has asked for room. */
MUST_CHECK enum err jlog_put(struct journal *j, enum group_kind kind, const struct slice *parts,
                             size_t count, enum room_class class, struct place *place_out);
/* Memory for putting n bytes of data in pieces of at most `piece`, so that it cannot fail for want of
 * it. jlog_drop_spare gives back what was not used; call it also when this fails. */
MUST_CHECK enum err jlog_set_aside(struct journal *j, size_t n, size_t piece);
void jlog_drop_spare(struct journal *j);
/* Puts the records of one unit: recovery finds all of them or none. Nothing happens on failure.
 * *number_out: the group that must be durable for it. */
MUST_CHECK enum err jlog_unit(struct journal *j, struct slice records, enum room_class class,
                              uint64_t *number_out);
/* Begins a new group with room for n bytes, in another segment if need be. ERR_FULL, ERR_NOMEM. */
MUST_CHECK enum err jlog_fresh_group(struct journal *j, size_t n, enum room_class class);
/* Where the open group began, or the next one will. */
struct place jlog_place(const struct journal *j, uint64_t *seq_out, uint64_t *number_out);
/* Goes on in a free segment, from its beginning and without a link to it: for the first one. */
MUST_CHECK enum err jlog_begin_segment(struct journal *j);
/* Writes the header of the current segment again: it may not have reached flash. ERR_NOMEM. */
MUST_CHECK enum err jlog_renew_segment_head(struct journal *j);

/* Reads what was put and may not have been written yet. false: it is not (or no longer) in memory.
 * What lies behind the end of its group reads as zeroes. */
bool jlog_read_memory(const struct journal *j, struct place place, uint8_t *dst, size_t n);

/* For the flight: closes the open group; hands over all that wait, for groups_free. */
void jlog_close_open(struct journal *j);
struct group *jlog_take_waiting(struct journal *j);
void groups_free(struct group *g);
void jlog_free(struct journal *j);

/* --- journal_flight.c: from memory to flash --------------------------------------------------- */

/* A ticket for everything put so far; the next turn writes and syncs. */
uint64_t jlog_ticket(struct journal *j);
/* What was put so far may wait for others, but no longer than the flag delay. */
void jlog_delay(struct journal *j);
/* Starts a flight when there is something to write and none is under way. */
void jlog_turn(struct journal *j);
/* Writes what waits when it is much, without a sync. */
void jlog_spill(struct journal *j);
bool jlog_is_settled(const struct journal *j); /* nothing open, waiting or in flight */

#endif
