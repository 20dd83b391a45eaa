#include <stdlib.h>

#include "app/expiry_scan.h"
#include "base/clock.h"

struct expiry_preview {
	struct errand errand;
	struct settings house;
	struct expiry_scan scan;
	char only[USER_NAME_MAX_BYTES + 1];
	bool is_broken;
};

/* The user is deleted, or the daemon stops. */
static void preview_on_end(struct errand *errand, const char *why)
{
	struct expiry_preview *p = list_owner(errand, struct expiry_preview, errand);
	(void)why;
	expiry_scan_close(&p->scan);
	list_remove(&errand->link);
	p->is_broken = true;
}

enum err expiry_preview_new(struct appliance *a, const char *user, const struct policy *policy,
			    struct expiry_preview **preview_out)
{
	const struct user *found = user ? users_find(a->users, slice_str(user)) : NULL;
	*preview_out = NULL;
	if (user && !found)
		return ERR_NOT_FOUND;
	if (!clock_is_sane())
		return ERR_STATE;
	struct expiry_preview *p = calloc(1, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	p->house = a->settings;
	p->house.policy = *policy;
	expiry_scan_init(&p->scan, a);
	p->scan.is_preview = true;
	p->scan.walk.only_user = found ? p->only : NULL;
	p->scan.house = &p->house;
	p->scan.policy = *policy;
	if (found)
		memcpy(p->only, found->name, sizeof(p->only));
	p->errand.owner = p->scan.walk.user;
	p->errand.end = preview_on_end;
	list_add_tail(&a->errands, &p->errand.link);
	*preview_out = p;
	return ERR_NONE;
}

enum step expiry_preview_run(struct expiry_preview *p, struct waiter *w,
			     struct expiry_count *count_out)
{
	enum step step = p->is_broken ? STEP_BAD : expiry_scan_run(&p->scan, w);
	*count_out = p->scan.all;
	return step;
}

void expiry_preview_free(struct expiry_preview **preview)
{
	struct expiry_preview *p = *preview;
	*preview = NULL;
	if (!p)
		return;
	list_remove(&p->errand.link);
	expiry_scan_close(&p->scan);
	free(p);
}
