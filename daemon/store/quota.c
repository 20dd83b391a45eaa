#include "store/quota.h"

static bool quota_has_room(uint64_t quota, uint64_t used, uint64_t more)
{
	return quota == 0 || more == 0 || (used <= quota && more <= quota - used);
}

enum err quota_check(const struct account *a, uint64_t bytes, uint64_t messages)
{
	bool fits = quota_has_room(a->quota_bytes, a->used_bytes, bytes) &&
		    quota_has_room(a->quota_messages, a->used_messages, messages);
	return fits ? ERR_NONE : ERR_QUOTA;
}

static uint64_t quota_targets_in(const struct append_target *targets, size_t count,
				 const struct account *a)
{
	uint64_t found = 0;
	for (size_t i = 0; i < count; i++)
		found += targets[i].box->account == a;
	return found;
}

enum err quota_check_targets(const struct append_target *targets, size_t count,
			     uint64_t expected_bytes)
{
	for (size_t i = 0; i < count; i++) {
		const struct account *a = targets[i].box->account;
		if (quota_targets_in(targets, i, a))
			continue; /* that account was checked when it came first */
		uint64_t copies = quota_targets_in(targets, count, a);
		if (quota_check(a, expected_bytes * copies, copies))
			return ERR_QUOTA;
	}
	return ERR_NONE;
}

static enum err quota_check_account(struct append *const *appends, size_t count,
				    const struct account *a)
{
	uint64_t bytes = 0, messages = 0;
	for (size_t i = 0; i < count; i++) {
		uint64_t copies =
			quota_targets_in(appends[i]->targets, appends[i]->target_count, a);
		bytes += copies * appends[i]->size;
		messages += copies;
	}
	return quota_check(a, bytes, messages);
}

enum err quota_check_appends(struct append *const *appends, size_t count)
{
	const struct account *last = NULL; /* mostly they are all the same */
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < appends[i]->target_count; k++) {
			const struct account *a = appends[i]->targets[k].box->account;
			if (a == last || quota_targets_in(appends[i]->targets, k, a))
				continue;
			last = a;
			enum err err = quota_check_account(appends, count, a);
			if (err)
				return err;
		}
	}
	return ERR_NONE;
}

enum err quota_check_copy(struct mailbox *box, const struct msg_change *change)
{
	const struct account *a = change->target->account;
	uint64_t bytes = 0, messages = 0;
	if (change->kind == CHANGE_MOVE && a == box->account)
		return ERR_NONE;
	if (a->quota_bytes == 0 && a->quota_messages == 0)
		return ERR_NONE;
	for (size_t i = 0; i < change->count; i++) {
		struct msg_info info;
		enum err err = mailbox_info_uid(box, change->uids[i], &info);
		if (err == ERR_NOT_FOUND)
			continue;
		if (err)
			return err;
		bytes += info.size;
		messages++;
	}
	return quota_check(a, bytes, messages);
}
