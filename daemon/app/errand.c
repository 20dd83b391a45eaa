#include "app/errand.h"

#include "app/app_part.h"

void errand_go_on(struct errand *errand)
{
	loop_defer(errand->app->loop, &errand->again);
}

static void errand_on_wake(struct waiter *w)
{
	errand_go_on(list_owner(w, struct errand, waiter));
}

static void errand_on_turn(struct deferred *d)
{
	struct errand *errand = list_owner(d, struct errand, again);
	errand->run(errand);
}

void errand_begin(struct errand *errand, struct appliance *a)
{
	errand->app = a;
	if (!errand->owner)
		errand->owner = "";
	waiter_init(&errand->waiter, errand_on_wake);
	deferred_init(&errand->again, errand_on_turn);
	list_add_tail(&a->errands, &errand->link);
	errand_go_on(errand);
}

void errand_leave(struct errand *errand)
{
	if (!errand->app)
		return;
	list_remove(&errand->link);
	waiter_cancel(&errand->waiter);
	deferred_cancel(&errand->again);
}

void errands_end(struct appliance *a, const char *user, const char *why)
{
	list_for_each (node, &a->errands) {
		struct errand *errand = list_owner(node, struct errand, link);
		if (!user || strcmp(user, errand->owner) == 0)
			errand->end(errand, why);
	}
}

static void errands_hush(struct appliance *a)
{
	errands_end(a, NULL, "the daemon stops");
}

const struct app_part errand_part = {.in_tool = true, .at[APP_HUSH] = errands_hush};
