#include <stdlib.h>

#include "store/account.h"
#include "store/quota.h"

static enum err append_check_targets(const struct append_meta *meta)
{
	if (meta->target_count == 0)
		return ERR_STATE;
	if (meta->target_count > APPEND_TARGETS_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < meta->target_count; i++) {
		const struct mailbox *box = meta->targets[i].box;
		if (!box->exists || box->is_gone)
			return box->is_gone ? ERR_GONE : ERR_NOT_FOUND;
		if (!mailbox_knows_flags(box, meta->targets[i].flags))
			return ERR_STATE;
	}
	return ERR_NONE;
}

/* Refused before the bytes are sent when they cannot fit anyway. */
static enum err append_check_room(struct store *st, const struct append_meta *meta)
{
	const struct store_status *status = &st->status;
	if (meta->expected_bytes > UINT32_MAX)
		return ERR_LIMIT;
	store_hooks(st)->count(st);
	if (status->is_full || (status->bytes_total && meta->expected_bytes > status->bytes_free))
		return ERR_FULL;
	return quota_check_targets(meta->targets, meta->target_count, meta->expected_bytes);
}

enum err append_begin(struct store *st, const struct append_meta *meta, struct append **append_out)
{
	if (store_is_read_only(st))
		return ERR_READ_ONLY;
	enum err err = append_check_targets(meta);
	if (!err)
		err = append_check_room(st, meta);
	if (err)
		return err;
	struct append *append = calloc(1, sizeof(*append));
	struct append_target *targets = calloc(meta->target_count, sizeof(*targets));
	if (!append || !targets) {
		free(append);
		free(targets);
		return ERR_NOMEM;
	}
	memcpy(targets, meta->targets, meta->target_count * sizeof(*targets));
	*append = (struct append){.store = st,
				  .targets = targets,
				  .target_count = meta->target_count,
				  .internal_date = meta->internal_date};
	append->id_is_given = meta->id != NULL;
	if (meta->id)
		append->id = *meta->id;
	else
		store_new_id(&append->id);
	for (size_t i = 0; i < append->target_count; i++) {
		targets[i].uid_out = 0;
		mailbox_hold(targets[i].box);
	}
	*append_out = append;
	return ERR_NONE;
}

enum err append_write(struct append *append, struct slice bytes, struct waiter *w)
{
	struct store *st = append->store;
	if (append->is_committed)
		return ERR_STATE;
	if (store_is_read_only(st))
		return ERR_READ_ONLY;
	if (bytes.len > UINT32_MAX - append->size)
		return ERR_LIMIT;
	if (bytes.len == 0)
		return ERR_NONE;
	enum err err = store_hooks(st)->append_write(append, bytes, w);
	if (!err)
		append->size += bytes.len;
	return err;
}

void append_drop_target(struct append *append, const struct mailbox *box)
{
	size_t kept = 0;
	for (size_t i = 0; i < append->target_count; i++) {
		if (append->targets[i].box == box)
			mailbox_release(append->targets[i].box);
		else
			append->targets[kept++] = append->targets[i];
	}
	append->target_count = kept;
}

static enum err append_check_commit(struct append *const *appends, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (appends[i]->is_committed || appends[i]->store != appends[0]->store ||
		    appends[i]->target_count == 0)
			return ERR_STATE;
		for (size_t k = 0; k < appends[i]->target_count; k++)
			if (appends[i]->targets[k].box->is_gone)
				return ERR_GONE;
	}
	return quota_check_appends(appends, count);
}

enum err append_commit(struct append *const *appends, size_t count, uint64_t *ticket_out,
		       struct waiter *w)
{
	uint64_t ticket = 0;
	if (count == 0)
		return ERR_STATE;
	struct store *st = appends[0]->store;
	if (store_is_read_only(st))
		return ERR_READ_ONLY;
	enum err err = append_check_commit(appends, count);
	if (err)
		return err;
	err = store_hooks(st)->append_commit(appends, count, &ticket, w);
	for (size_t i = 0; !err && i < count; i++)
		appends[i]->is_committed = true;
	if (!err && ticket_out)
		*ticket_out = ticket;
	return err;
}

void append_end(struct append **append)
{
	struct append *a = *append;
	if (!a)
		return;
	*append = NULL;
	store_hooks(a->store)->append_end(a);
	for (size_t i = 0; i < a->target_count; i++)
		mailbox_release(a->targets[i].box);
	free(a->targets);
	free(a);
}
