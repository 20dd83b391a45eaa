#include "proto/pop3/pop3_state.h"

void pop3_state_init(struct pop3_state *s, uint32_t uid_validity)
{
	*s = (struct pop3_state){.uid_validity = uid_validity, .device_count = 1};
}

struct pop3_runs *pop3_state_runs(struct pop3_state *s, uint32_t place)
{
	return place / 2 < s->device_count ? &s->devices[place / 2].runs[place % 2] : NULL;
}

void pop3_state_reset(struct pop3_state *s)
{
	struct pop3_runs *r;
	for (uint32_t i = 0; (r = pop3_state_runs(s, i)); i++)
		pop3_runs_free(r);
}

void pop3_state_free(struct pop3_state *s)
{
	pop3_state_reset(s);
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

enum err pop3_state_add(struct pop3_state *s, const char *label, struct pop3_device **device_out)
{
	*device_out = pop3_state_find(s, label);
	if (*device_out)
		return ERR_NONE;
	if (s->device_count > POP3_DEVICES_MAX || strlen(label) > POP3_LABEL_MAX)
		return ERR_LIMIT;
	*device_out = &s->devices[s->device_count++];
	**device_out = (struct pop3_device){.last_day = 0};
	memcpy((*device_out)->label, label, strlen(label));
	return ERR_NONE;
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
	pop3_runs_free(&device->downloaded);
	pop3_runs_free(&device->hidden);
	struct pop3_device *last = &s->devices[--s->device_count];
	memmove(device, device + 1, (size_t)(last - device) * sizeof(*device));
	return true;
}

bool pop3_state_set_day(struct pop3_state *s, uint32_t day)
{
	bool has_changed = false;
	struct pop3_runs *r;
	for (uint32_t i = 0; (r = pop3_state_runs(s, i)); i++)
		has_changed |= pop3_runs_set_day(r, day);
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
