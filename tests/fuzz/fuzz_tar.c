/* An archive: what the reader makes of it does not depend on how it is cut, takes no more than there
 * is, and every entry that it calls ours is one that can be used. */
#include <stdlib.h>

#include "app/backup_format.h"

struct sum {
	uint64_t entries, data, ours, hash;
};

static void mix(struct sum *sum, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		sum->hash = (sum->hash ^ bytes.ptr[i]) * 0x100000001b3u;
}

static void look(const struct tar_reader *r, struct sum *sum)
{
	struct backup_entry e;
	struct slice rest = buf_view(&r->records), key, value;
	sum->entries++;
	mix(sum, r->header.path);
	while (tar_next_record(&rest, &key, &value))
		mix(sum, value);
	if (rest.len)
		abort();
	if (backup_entry_read(r, &e) || e.kind == BACKUP_IS_OTHER)
		return;
	sum->ours++;
	bool has_user =
		e.kind == BACKUP_IS_USER || e.kind == BACKUP_IS_BOX || e.kind == BACKUP_IS_MESSAGE;
	if (has_user && user_name_check(e.user))
		abort();
	if ((e.kind == BACKUP_IS_BOX || e.kind == BACKUP_IS_MESSAGE) &&
	    mailbox_name_check(e.mailbox))
		abort();
}

static struct sum read_all(struct slice input, size_t piece_size)
{
	struct tar_reader r;
	struct sum sum = {0};
	struct slice data = SLICE_EMPTY;
	enum tar_event event = TAR_MORE;
	tar_reader_init(&r);
	while (input.len && event != TAR_END && event != TAR_BAD) {
		struct slice piece = slice_upto(input, piece_size);
		input = slice_from(input, piece.len);
		do {
			event = tar_next(&r, &piece, &data);
			if (event == TAR_ENTRY)
				look(&r, &sum);
			if (event == TAR_DATA) {
				sum.data += data.len;
				mix(&sum, data);
			}
		} while (event != TAR_MORE && event != TAR_END && event != TAR_BAD);
	}
	if (event == TAR_BAD && !r.why)
		abort();
	sum.hash += event;
	tar_reader_free(&r);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct sum whole = read_all(input, size + 1), pieces = read_all(input, 1 + size % 700);
	if (memcmp(&whole, &pieces, sizeof(whole)) != 0 || whole.data > size)
		abort();
	return 0;
}
