/* The power fails at every write and sync while an update goes into its slot. At every point the first
 * stage finds the old system, whole, or the new one, whole: whatever of the unsynced writes arrived. */
#include "support/suite.h"

#include "app/update_slot.h"
#include "support/emu_medium.h"
#include "support/update_kit.h"

enum { AREA_A = 1, AREA_B = 2, AREA_BYTES = 64 * 1024, PIECE_BYTES = 8 * 1024 };

/* One slot on the emulated flash. */
struct area {
	struct update_medium medium; /* first */
	struct medium *base;
	uint32_t number;
};

static enum err area_err(enum err err)
{
	return err ? ERR_IO : ERR_NONE;
}

static enum err area_read(struct update_medium *m, uint64_t offset, uint8_t *dst, size_t n)
{
	struct area *a = (struct area *)(void *)m;
	if (offset + n > m->size)
		return ERR_NOT_FOUND;
	return area_err(a->base->ops->read(a->base, a->number, (uint32_t)offset, dst, n, true));
}

static enum err area_write(struct update_medium *m, uint64_t offset, struct slice bytes)
{
	struct area *a = (struct area *)(void *)m;
	return area_err(
		a->base->ops->write(a->base, a->number, (uint32_t)offset, bytes.ptr, bytes.len));
}

static enum err area_sync(struct update_medium *m)
{
	struct area *a = (struct area *)(void *)m;
	return area_err(a->base->ops->sync(a->base, a->number));
}

static struct area area_of(struct emu_medium *e, uint32_t number)
{
	static const struct update_medium_ops ops = {area_read, area_write, area_sync};
	return (struct area){{&ops, AREA_BYTES, -1}, emu_base(e), number};
}

/* --- what is written ---------------------------------------------------------------------------- */

static struct buf versions[3]; /* 1.0 and 2.0 are there, 3.0 comes */

static struct update_trust trust(void)
{
	return (struct update_trust){.key_pem = update_kit_key(), .board = "box"};
}

static void make_all(void)
{
	static const char *const names[] = {"1.0", "2.0", "3.0"};
	for (size_t i = 0; i < 3; i++) {
		/* Whole sectors, as the emulated flash wants them. */
		struct update_kit kit = {.board = "box",
					 .version = names[i],
					 .store_format = 2,
					 .root_size = (uint32_t)(40 + i) * MEDIUM_SECTOR};
		buf_init(&versions[i], AREA_BYTES);
		update_kit_make(&kit, &versions[i]);
	}
}

static void free_all(void)
{
	for (size_t i = 0; i < 3; i++)
		buf_free(&versions[i]);
}

static void record_put(struct area *a, enum slot_state state, uint32_t order)
{
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES];
	slot_record_print((struct slot_record){state, order}, sector);
	ck_assert_int_eq(area_write(&a->medium, 0, slice_of(sector, sizeof(sector))), ERR_NONE);
	ck_assert_int_eq(area_sync(&a->medium), ERR_NONE);
}

static struct emu_medium *flash_new(enum slot_state state_of_b)
{
	struct emu_medium *e = emu_new(AREA_BYTES, 8);
	for (uint32_t number = AREA_A; number <= AREA_B; number++) {
		struct area a = area_of(e, number);
		ck_assert_int_eq(a.base->ops->create(a.base, number, AREA_BYTES), ERR_NONE);
		ck_assert_int_eq(slot_write(&a.medium, 0, buf_view(&versions[2 - number])),
				 ERR_NONE);
		record_put(&a, number == AREA_A ? SLOT_GOOD : state_of_b, 3 - number);
	}
	return e;
}

/* As app/update.c has a worker do it. */
static enum update_fault update_put(struct area *a)
{
	struct update_head head;
	struct update_trust t = trust();
	struct slice bytes = buf_view(&versions[2]);
	ck_assert_int_eq(update_head_read(slice_upto(bytes, UPDATE_HEAD_BYTES), &t, &head),
			 UPDATE_GOOD);
	if (slot_clear(&a->medium))
		return UPDATE_UNWRITABLE;
	for (size_t at = 0; at < bytes.len; at += PIECE_BYTES)
		if (slot_write(&a->medium, at, slice_between(bytes, at, at + PIECE_BYTES)))
			return UPDATE_UNWRITABLE;
	return slot_settle(&a->medium, bytes.ptr, &head, 3);
}

/* --- what the first stage makes of it ----------------------------------------------------------- */

/* The version it would start; "" for that as shipped. */
static void start(struct emu_medium *e, char version[UPDATE_WORD_MAX_BYTES + 1])
{
	uint32_t best = 0;
	version[0] = 0;
	for (uint32_t number = AREA_A; number <= AREA_B; number++) {
		struct area a = area_of(e, number);
		struct slot_view view;
		struct update_head head;
		struct update_trust t = trust();
		slot_look(&a.medium, &view);
		ck_assert(view.is_there);
		if (view.record.state != SLOT_NEW && view.record.state != SLOT_GOOD)
			continue;
		/* The first stage would go on without it. It shall not have to. */
		ck_assert_int_eq(update_verify(&a.medium, UPDATE_SLOT_OFFSET, &t, &head),
				 UPDATE_GOOD);
		if (view.record.order <= best)
			continue;
		best = view.record.order;
		memcpy(version, head.version, sizeof(head.version));
	}
}

/* False: the update got through before the cut. */
static bool cut_at(unsigned step, enum emu_cut kind, enum slot_state state_of_b)
{
	char version[UPDATE_WORD_MAX_BYTES + 1];
	struct emu_medium *e = flash_new(state_of_b);
	struct area b = area_of(e, AREA_B);
	emu_cut_at(e, step, kind, step);
	enum update_fault fault = update_put(&b);
	if (!fault) { /* and right behind it */
		struct area a = area_of(e, AREA_A);
		emu_cut_at(e, 1, EMU_LOST, step);
		ck_assert_int_ne(area_write(&a.medium, AREA_BYTES - MEDIUM_SECTOR,
					    slice_of(versions[0].bytes, MEDIUM_SECTOR)),
				 ERR_NONE);
	}
	ck_assert(emu_power_on(e));
	start(e, version);
	if (fault)
		ck_assert_msg(strcmp(version, "2.0") == 0 || strcmp(version, "3.0") == 0,
			      "step %u: %s", step, version);
	else
		ck_assert_str_eq(version, "3.0");
	emu_free(e);
	return fault;
}

START_TEST(a_cut_leaves_the_old_system_or_the_new_one)
{
	static const enum slot_state states[] = {SLOT_GOOD, SLOT_FAILED, SLOT_NEW};
	static const enum emu_cut kinds[] = {EMU_LOST, EMU_TORN, EMU_HEADLESS, EMU_REORDERED};
	make_all();
	for (size_t s = 0; s < 3; s++)
		for (size_t k = 0; k < 4; k++) {
			unsigned step = 1;
			while (cut_at(step, kinds[k], states[s]))
				step++;
			ck_assert_uint_gt(step, 6);
		}
	free_all();
}
END_TEST

SUITE_MAIN("update_cuts", a_cut_leaves_the_old_system_or_the_new_one)
