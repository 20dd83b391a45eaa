#include "proto/pop3/pop3_state.h"

#include "base/codec.h"

enum { DEVICE_IS_KNOWN = 1 };

void pop3_state_init(struct pop3_state *s, uint32_t uid_validity)
{
	*s = (struct pop3_state){.uid_validity = uid_validity, .device_count = 1};
}

static void device_free(struct pop3_device *device)
{
	pop3_runs_free(&device->downloaded);
	pop3_runs_free(&device->hidden);
}

void pop3_state_free(struct pop3_state *s)
{
	for (uint32_t i = 0; i < s->device_count; i++)
		device_free(&s->devices[i]);
	*s = (struct pop3_state){.device_count = 0};
}

/* --- devices ---------------------------------------------------------------------------------- */

struct pop3_device *pop3_state_find(struct pop3_state *s, const char *label)
{
	for (uint32_t i = 0; i < s->device_count; i++)
		if (strcmp(s->devices[i].label, label) == 0)
			return &s->devices[i];
	return NULL;
}

static enum err state_add(struct pop3_state *s, struct slice label, struct pop3_device **device_out)
{
	struct pop3_device *device = &s->devices[s->device_count];
	*device_out = NULL;
	if (s->device_count > POP3_DEVICES_MAX)
		return ERR_LIMIT;
	*device = (struct pop3_device){.last_day = 0};
	enum err err = slice_to_str(label, device->label, sizeof(device->label));
	if (err)
		return err;
	s->device_count++;
	*device_out = device;
	return ERR_NONE;
}

enum err pop3_state_add(struct pop3_state *s, const char *label, struct pop3_device **device_out)
{
	*device_out = pop3_state_find(s, label);
	return *device_out ? ERR_NONE : state_add(s, slice_str(label), device_out);
}

bool pop3_state_forget(struct pop3_state *s, const char *label)
{
	struct pop3_device *device = pop3_state_find(s, label);
	if (!device)
		return false;
	if (device == &s->devices[0]) {
		bool was_known = device->is_known;
		device->is_known = false;
		return was_known;
	}
	device_free(device);
	struct pop3_device *last = &s->devices[--s->device_count];
	memmove(device, device + 1, (size_t)(last - device) * sizeof(*device));
	return true;
}

void pop3_state_reset(struct pop3_state *s)
{
	for (uint32_t i = 0; i < s->device_count; i++)
		device_free(&s->devices[i]);
}

bool pop3_state_set_day(struct pop3_state *s, uint32_t day)
{
	bool has_changed = false;
	for (uint32_t i = 0; i < s->device_count; i++) {
		has_changed |= pop3_runs_set_day(&s->devices[i].downloaded, day);
		has_changed |= pop3_runs_set_day(&s->devices[i].hidden, day);
	}
	return has_changed;
}

/* --- what everybody has ----------------------------------------------------------------------- */

static enum err device_done(const struct pop3_device *device, struct pop3_runs *runs_out)
{
	*runs_out = (struct pop3_runs){.at = NULL};
	enum err err = pop3_runs_unite(runs_out, &device->downloaded);
	if (!err)
		err = pop3_runs_unite(runs_out, &device->hidden);
	if (err)
		pop3_runs_free(runs_out);
	return err;
}

static enum err state_done_by_all(const struct pop3_state *s, struct pop3_runs *runs_out)
{
	bool is_first = true;
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < s->device_count && !err; i++) {
		struct pop3_runs done;
		if (!s->devices[i].is_known)
			continue;
		err = device_done(&s->devices[i], &done);
		if (!err)
			err = is_first ? pop3_runs_unite(runs_out, &done)
				       : pop3_runs_intersect(runs_out, &done);
		pop3_runs_free(&done);
		is_first = false;
	}
	return err;
}

enum err pop3_state_done(const struct pop3_state *s, bool is_own, struct pop3_runs *runs_out)
{
	*runs_out = (struct pop3_runs){.at = NULL};
	enum err err = is_own ? state_done_by_all(s, runs_out)
			      : pop3_runs_unite(runs_out, &s->devices[0].downloaded);
	if (err)
		pop3_runs_free(runs_out);
	return err;
}

/* --- bytes -------------------------------------------------------------------------------------
 * Version octet; varints: UIDVALIDITY, UID and date of the window, number of devices; for each its
 * label (length, octets), an octet of flags, the last day, what it downloaded, what it hid. */

static enum err state_add_varint(struct buf *dst, uint64_t value)
{
	uint8_t bytes[VARINT_MAX_BYTES];
	return buf_add(dst, bytes, varint_put(bytes, value));
}

static enum err device_encode(const struct pop3_device *device, struct buf *dst)
{
	struct slice label = slice_str(device->label);
	enum err err = state_add_varint(dst, label.len);
	if (!err)
		err = buf_add_slice(dst, label);
	if (!err)
		err = buf_add_byte(dst, device->is_known ? DEVICE_IS_KNOWN : 0);
	if (!err)
		err = state_add_varint(dst, device->last_day);
	if (!err)
		err = pop3_runs_encode(&device->downloaded, dst);
	if (!err)
		err = pop3_runs_encode(&device->hidden, dst);
	return err;
}

enum err pop3_state_encode(const struct pop3_state *s, struct buf *dst)
{
	size_t len = dst->len;
	const uint64_t head[] = {s->uid_validity, s->window_uid,
				 s->window_s > 0 ? (uint64_t)s->window_s : 0, s->device_count};
	enum err err = buf_add_byte(dst, POP3_STATE_VERSION);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]) && !err; i++)
		err = state_add_varint(dst, head[i]);
	for (uint32_t i = 0; i < s->device_count && !err; i++)
		err = device_encode(&s->devices[i], dst);
	if (err)
		buf_truncate(dst, len);
	return err;
}

/* The older half of what the device with the most runs has downloaded. False: nobody has any. */
static bool state_forget_oldest(struct pop3_state *s)
{
	struct pop3_runs *most = &s->devices[0].downloaded;
	for (uint32_t i = 1; i < s->device_count; i++)
		if (s->devices[i].downloaded.count > most->count)
			most = &s->devices[i].downloaded;
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
	if (err != ERR_LIMIT)
		return err;
	for (uint32_t i = 0; i < s->device_count; i++) {
		pop3_runs_blur(&s->devices[i].downloaded);
		pop3_runs_blur(&s->devices[i].hidden);
	}
	err = pop3_state_encode(s, dst);
	while (err == ERR_LIMIT && state_forget_oldest(s))
		err = pop3_state_encode(s, dst);
	return err;
}

static enum err take_u32(struct slice *src, uint32_t *value_out)
{
	uint64_t value;
	enum err err = varint_get(src, &value);
	*value_out = err ? 0 : (uint32_t)value;
	return err ? err : value > UINT32_MAX ? ERR_SYNTAX : ERR_NONE;
}

static enum err take_octets(struct slice *src, size_t n, struct slice *octets_out)
{
	*octets_out = slice_upto(*src, n);
	*src = slice_from(*src, n);
	return octets_out->len == n ? ERR_NONE : ERR_SYNTAX;
}

static enum err device_decode(struct pop3_state *s, struct slice *src)
{
	struct pop3_device *device;
	struct slice label, flags;
	uint32_t len;
	enum err err = take_u32(src, &len);
	if (!err)
		err = take_octets(src, len, &label);
	if (!err)
		err = take_octets(src, 1, &flags);
	if (!err)
		err = state_add(s, label, &device);
	if (!err)
		err = take_u32(src, &device->last_day);
	if (!err)
		err = pop3_runs_decode(&device->downloaded, src);
	if (!err)
		err = pop3_runs_decode(&device->hidden, src);
	if (!err)
		device->is_known = flags.ptr[0] & DEVICE_IS_KNOWN;
	return err;
}

static bool state_labels_are_right(struct pop3_state *s)
{
	for (uint32_t i = 0; i < s->device_count; i++)
		if ((i == 0) != (s->devices[i].label[0] == '\0') ||
		    pop3_state_find(s, s->devices[i].label) != &s->devices[i])
			return false;
	return s->device_count > 0;
}

static enum err state_decode(struct pop3_state *s, struct slice *src)
{
	uint64_t window_s;
	uint32_t count;
	enum err err = take_u32(src, &s->uid_validity);
	if (!err)
		err = take_u32(src, &s->window_uid);
	if (!err)
		err = varint_get(src, &window_s);
	if (!err)
		err = window_s > INT64_MAX ? ERR_SYNTAX : take_u32(src, &count);
	if (err)
		return err;
	s->window_s = (int64_t)window_s;
	s->device_count = 0;
	for (uint32_t i = 0; i < count && !err; i++)
		err = device_decode(s, src);
	if (!err && (src->len || !state_labels_are_right(s)))
		err = ERR_SYNTAX;
	return err;
}

enum err pop3_state_decode(struct pop3_state *s, struct slice note)
{
	struct slice rest = slice_from(note, 1);
	pop3_state_init(s, 0);
	enum err err =
		note.len && note.ptr[0] == POP3_STATE_VERSION ? state_decode(s, &rest) : ERR_SYNTAX;
	if (err) {
		pop3_state_free(s);
		pop3_state_init(s, 0);
	}
	return err == ERR_NOMEM || !err ? err : ERR_SYNTAX;
}
