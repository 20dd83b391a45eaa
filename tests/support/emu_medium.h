/* emu_medium.h - a medium in memory that loses power, fills up and fails when told to.
 *
 * Every sector remembers what is durable and what was written since. Writes, syncs, creations and
 * removals count as steps; the power can be cut at any of them. From the cut on every call fails,
 * until emu_power_on: then only what is durable is there, and of what was not synced, what the kind
 * of cut lets through. The same seed gives the same cut. */
#pragma once

#include "store/medium.h"

enum emu_cut {
	EMU_LOST,      /* nothing that was not synced arrives */
	EMU_TORN,      /* all before the step of the cut; of the cut write the first sectors */
	EMU_HEADLESS,  /* all but the oldest write that was not synced */
	EMU_REORDERED, /* of all that was not synced a random part of the sectors, in no order */
};

struct emu_medium;
struct emu_medium *emu_new(uint32_t segment_bytes, uint32_t slots_max);
void emu_free(struct emu_medium *e);
struct medium *emu_base(struct emu_medium *e);
/* A copy of everything that is durable, to try several things from one state. */
struct emu_medium *emu_copy(const struct emu_medium *from);

void emu_cut_at(struct emu_medium *e, unsigned step, enum emu_cut kind, unsigned seed); /* 0: never */
bool emu_power_on(struct emu_medium *e); /* true: the power had failed */

enum emu_call { EMU_CREATE = 1, EMU_WRITE = 2, EMU_SYNC = 4, EMU_READ = 8, EMU_ANY = 15 };
/* The n-th call (1 is the next) of these kinds fails with err; all later ones too when it stays. */
void emu_fail_at(struct emu_medium *e, unsigned n, unsigned calls, enum err err, bool stays);
bool emu_has_failed(const struct emu_medium *e); /* since emu_fail_at */
void emu_set_slots_max(struct emu_medium *e, uint32_t slots_max);
/* A bad block: the durable bytes there change. */
void emu_damage(struct emu_medium *e, uint32_t slot, uint32_t offset, uint32_t n, unsigned seed);
void emu_forget(struct emu_medium *e, uint32_t slot); /* the area is no more */
/* The bytes of an area, for looking and for meddling; NULL: there is none. */
uint8_t *emu_bytes(struct emu_medium *e, uint32_t slot, uint32_t *len_out);

struct emu_counts {
	unsigned steps, creates, removes, writes, syncs, reads;
	uint64_t bytes_written;
	unsigned slots; /* there now, without the root's */
};
struct emu_counts emu_counts(const struct emu_medium *e); /* since the last power-on, or the start */
/* Reads that may not block always say ERR_AGAIN. */
void emu_be_slow(struct emu_medium *e, bool slow);
