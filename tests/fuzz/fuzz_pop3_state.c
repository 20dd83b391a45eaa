/* The note that POP3 keeps with a mailbox: whatever is read is written again as it was understood,
 * and its sets stay sets. */
#include <stdlib.h>

#include "proto/pop3/pop3_state.h"

static void check_runs(const struct pop3_runs *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (r->at[i].first > r->at[i].last || !r->at[i].first ||
		    (i && r->at[i].first <= r->at[i - 1].last))
			abort();
}

static void check_state(struct pop3_state *s)
{
	struct pop3_runs done;
	if (!s->device_count || s->device_count > POP3_DEVICES_MAX + 1 || s->devices[0].label[0])
		abort();
	for (uint32_t i = 0; i < s->device_count; i++) {
		check_runs(&s->devices[i].downloaded);
		check_runs(&s->devices[i].hidden);
	}
	for (int is_own = 0; is_own < 2; is_own++) {
		if (pop3_state_done(s, is_own, &done))
			abort();
		check_runs(&done);
		pop3_runs_free(&done);
	}
}

static void write_again(struct pop3_state *s, struct buf *dst, size_t max_bytes)
{
	struct pop3_state copy;
	buf_init(dst, max_bytes);
	if (pop3_state_fit(s, dst))
		return;
	if (pop3_state_decode(&copy, buf_view(dst)))
		abort();
	check_state(&copy);
	pop3_state_free(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pop3_state s;
	struct buf note;
	if (pop3_state_decode(&s, slice_of(data, size)) == ERR_NONE) {
		check_state(&s);
		write_again(&s, &note, SIZE_MAX);
		if (!note.len)
			abort();
		buf_free(&note);
		write_again(&s, &note, size / 2 + 16);
		buf_free(&note);
		check_state(&s);
	}
	pop3_state_free(&s);
	return 0;
}
