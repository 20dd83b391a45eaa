/* A store whose segments hold something else than what was written to them.
 *
 * First byte, lowest two bits: 0 and 1 - the rest are changes to the image, four bytes each (area,
 * two bytes of offset, what to xor); 2 - the rest are records, put behind the log with a good
 * checksum; 3 - the rest takes the place of the checkpoint, with a good checksum. Mounting, looking
 * at everything, checking and repairing must end, crash nowhere, and show no octets that do not
 * match their checksums. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/journal.h"
#include "store/journal_check.h"
#include "support/cut_work.h"

enum { SEGMENT = 16 * 1024, SLOTS = 40, DEEDS = 21 };

static struct emu_medium *image;
static struct root_block root;
static struct place log_end;
static uint64_t log_seq, log_number;
static uint32_t log_chain;

static void image_make(void)
{
	struct work w;
	bool durable;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	image = emu_new(SEGMENT, SLOTS);
	clock_freeze(1000, 1700000000);
	if (work_open(&w, image, 0, 2))
		abort();
	for (unsigned deed = 0; deed < DEEDS; deed++)
		if (work_do(&w, deed, &durable))
			abort();
	const struct journal *j = w.st->backend;
	root = j->root;
	log_end = (struct place){j->log.slot, j->log.offset};
	log_seq = j->log.seq;
	log_number = j->log.next_number;
	log_chain = j->log.chain;
	store_fail(w.st, ERR_IO); /* leaves the log as it is */
	work_close(&w);
	emu_power_on(image);
}

static void image_change(struct emu_medium *m, const uint8_t *data, size_t n)
{
	for (; n >= 4; data += 4, n -= 4) {
		uint32_t len;
		uint8_t *bytes = emu_bytes(m, data[0] % 16, &len);
		uint32_t at = (uint32_t)(data[1] << 8 | data[2]);
		if (len)
			bytes[at % len] ^= data[3];
	}
}

static void image_put(struct emu_medium *m, struct place at, uint64_t seq, uint64_t number,
		      uint32_t chain, const uint8_t *data, size_t n)
{
	uint32_t len;
	uint8_t *bytes = emu_bytes(m, at.slot, &len);
	size_t room = len - at.offset - GROUP_HEADER_BYTES;
	struct group_head head = {.kind = GROUP_LOG, .number = number, .chain = chain};
	if (n > room)
		n = room;
	head.len = (uint32_t)n + GROUP_HEADER_BYTES;
	memcpy(bytes + at.offset + GROUP_HEADER_BYTES, data, n);
	group_seal(bytes + at.offset, &head, group_seed(root.salt, seq, at.offset));
}

static void look(struct emu_medium *m)
{
	struct work w;
	enum err err;
	struct journal_check found;
	struct store_config config = {.path = "nowhere", .medium = emu_base(m)};
	if (work_open(&w, m, 0, 0) == ERR_NONE)
		free(work_describe(&w, &err));
	if (w.st)
		store_fail(w.st, ERR_IO);
	work_close(&w);
	err = journal_check(&config, false, NULL, NULL, &found);
	err = journal_check(&config, true, NULL, NULL, &found);
	if (!err && work_open(&w, m, 0, 0) == ERR_NONE)
		free(work_describe(&w, &err));
	work_close(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!image)
		image_make();
	if (size < 2)
		return 0;
	clock_freeze(2000, 1700000000);
	struct emu_medium *m = emu_copy(image);
	struct place begin = {root.slot, root.offset};
	if (data[0] % 4 < 2)
		image_change(m, data + 1, size - 1);
	else if (data[0] % 4 == 2)
		image_put(m, log_end, log_seq, log_number, log_chain, data + 1, size - 1);
	else
		image_put(m, begin, root.seq, root.number, root.chain, data + 1, size - 1);
	look(m);
	emu_free(m);
	return 0;
}
