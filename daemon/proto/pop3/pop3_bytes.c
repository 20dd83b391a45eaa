/* The state as bytes, all of them varints but for the octets of labels: version, UIDVALIDITY, UID and
 * date of the window, number of devices; for each its label (length, octets), flags, the last day,
 * and its two sets of runs. A set is its number of runs, then for each the distance to the one
 * before it, its length, and the difference of days together with what it waits for. */
#include "proto/pop3/pop3_state.h"

#include "base/codec.h"

enum {
	DEVICE_IS_KNOWN = 1,
	RUN_WAITS_MASK = POP3_WAITS_FOLLOW | POP3_WAITS_DELETE,
	RUN_WAITS_BITS = 2,
};

/* --- out: the first error sticks -------------------------------------------------------------- */

struct bytes_out {
	struct buf *dst;
	enum err err;
};

static void out_bytes(struct bytes_out *o, const void *bytes, size_t n)
{
	if (!o->err)
		o->err = buf_add(o->dst, bytes, n);
}

static void out_number(struct bytes_out *o, uint64_t value)
{
	uint8_t bytes[VARINT_MAX_BYTES];
	out_bytes(o, bytes, varint_put(bytes, value));
}

/* Small numbers of either sign as small numbers: 0, -1, 1, -2, ... */
static uint64_t zigzag(uint32_t value, uint32_t before)
{
	return value >= before ? 2 * (uint64_t)(value - before)
			       : 2 * (uint64_t)(before - value) - 1;
}

static void out_runs(struct bytes_out *o, const struct pop3_runs *r)
{
	uint32_t end = 0, day = 0; /* of the run before: its last UID, its day */
	out_number(o, r->count);
	for (uint32_t i = 0; i < r->count; i++) {
		const struct pop3_run *run = &r->at[i];
		out_number(o, run->first - end - 1);
		out_number(o, run->last - run->first);
		out_number(o, zigzag(run->day, day) << RUN_WAITS_BITS | run->waits);
		end = run->last;
		day = run->day;
	}
}

enum err pop3_state_encode(const struct pop3_state *s, struct buf *dst)
{
	size_t len = dst->len;
	struct bytes_out o = {.dst = dst};
	out_number(&o, POP3_STATE_VERSION);
	out_number(&o, s->uid_validity);
	out_number(&o, s->window_uid);
	out_number(&o, s->window_s > 0 ? (uint64_t)s->window_s : 0);
	out_number(&o, s->device_count);
	for (uint32_t i = 0; i < s->device_count; i++) {
		const struct pop3_device *device = &s->devices[i];
		size_t label_len = strlen(device->label);
		out_number(&o, label_len);
		out_bytes(&o, device->label, label_len);
		out_number(&o, device->is_known ? DEVICE_IS_KNOWN : 0);
		out_number(&o, device->last_day);
		out_runs(&o, &device->downloaded);
		out_runs(&o, &device->hidden);
	}
	if (o.err)
		buf_truncate(dst, len);
	return o.err;
}

/* --- what fits -------------------------------------------------------------------------------- */

/* The older half of what the device with the most runs has downloaded. False: nobody has any. */
static bool state_forget_oldest(struct pop3_state *s)
{
	struct pop3_runs *r, *most = &s->devices[0].downloaded;
	for (uint32_t i = 0; (r = pop3_state_runs(s, i)); i += 2)
		if (r->count > most->count)
			most = r;
	if (!most->count)
		return false;
	uint32_t forgotten = (most->count + 1) / 2;
	most->count -= forgotten;
	memmove(most->at, most->at + forgotten, most->count * sizeof(*most->at));
	return true;
}

enum err pop3_state_fit(struct pop3_state *s, struct buf *dst)
{
	enum err err = pop3_state_encode(s, dst);
	struct pop3_runs *r;
	for (uint32_t i = 0; err == ERR_LIMIT && (r = pop3_state_runs(s, i)); i++)
		pop3_runs_blur(r);
	if (err == ERR_LIMIT)
		err = pop3_state_encode(s, dst);
	while (err == ERR_LIMIT && state_forget_oldest(s))
		err = pop3_state_encode(s, dst);
	return err;
}

/* --- in: the first error sticks, and all numbers behind it are 0 ------------------------------- */

struct bytes_in {
	struct slice rest;
	enum err err;
};

static uint64_t in_number(struct bytes_in *in, uint64_t max)
{
	uint64_t value = 0;
	if (!in->err && (varint_get(&in->rest, &value) || value > max))
		in->err = ERR_SYNTAX;
	return in->err ? 0 : value;
}

static void in_runs(struct bytes_in *in, struct pop3_runs *r)
{
	uint64_t end = 0, day = 0;
	for (uint64_t count = in_number(in, UINT64_MAX); count && !in->err; count--) {
		uint64_t first = end + 1 + in_number(in, UINT32_MAX);
		uint64_t rest, step;
		end = first + in_number(in, UINT32_MAX);
		rest = in_number(in, UINT64_MAX);
		step = rest >> RUN_WAITS_BITS;
		day = step & 1 ? day - (step + 1) / 2 : day + step / 2;
		if (end > UINT32_MAX || day > UINT32_MAX)
			in->err = ERR_SYNTAX;
		if (!in->err)
			in->err = pop3_runs_push(r, (struct pop3_run){(uint32_t)first,
								      (uint32_t)end, (uint32_t)day,
								      rest & RUN_WAITS_MASK});
	}
}

/* The first device has no label; the others have, and each another. */
static void in_device(struct bytes_in *in, struct pop3_state *s)
{
	char label[POP3_LABEL_MAX + 1];
	struct pop3_device *device;
	uint32_t before = s->device_count;
	size_t len = (size_t)in_number(in, POP3_LABEL_MAX);
	struct slice text = slice_upto(in->rest, len);
	in->rest = slice_from(in->rest, len);
	if (in->err || text.len < len || slice_to_str(text, label, sizeof(label)) ||
	    !len != !before || pop3_state_add(s, label, &device) || s->device_count == before) {
		in->err = ERR_SYNTAX;
		return;
	}
	device->is_known = in_number(in, UINT8_MAX) & DEVICE_IS_KNOWN;
	device->last_day = (uint32_t)in_number(in, UINT32_MAX);
	in_runs(in, &device->downloaded);
	in_runs(in, &device->hidden);
}

enum err pop3_state_decode(struct pop3_state *s, struct slice note)
{
	struct bytes_in in = {.rest = note};
	pop3_state_init(s, 0);
	s->device_count = 0;
	if (in_number(&in, UINT8_MAX) != POP3_STATE_VERSION)
		in.err = ERR_SYNTAX;
	s->uid_validity = (uint32_t)in_number(&in, UINT32_MAX);
	s->window_uid = (uint32_t)in_number(&in, UINT32_MAX);
	s->window_s = (int64_t)in_number(&in, INT64_MAX);
	for (uint64_t count = in_number(&in, UINT32_MAX); count && !in.err; count--)
		in_device(&in, s);
	if (!in.err && (in.rest.len || !s->device_count))
		in.err = ERR_SYNTAX;
	if (in.err) {
		pop3_state_free(s);
		pop3_state_init(s, 0);
	}
	return in.err;
}
