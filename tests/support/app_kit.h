/* app_kit - an appliance without ports: users, settings, a store in memory, one session to ask for.
 *
 *	struct app_kit k;
 *	app_kit_open(&k, &store_ram_slow_ops, SERVICE_LMTP);
 *	app_kit_add_user(&k, "bob", "secret");
 *	deliver_begin(&k.app.host, &envelope, &d);
 *	while (deliver_finish(d, &k.session.waiter) == ERR_AGAIN)
 *		app_kit_turn(&k);
 *	app_kit_close(&k);
 *
 * The clock is frozen and moved by app_kit_turn, 50 ms each time. Passwords are stretched by a real
 * thread, and its answers come in turns like everything else. */
#ifndef TESTS_SUPPORT_APP_KIT_H
#define TESTS_SUPPORT_APP_KIT_H

#include "app/appliance.h"
#include "support/peer.h"

struct app_kit {
	struct appliance app;
	struct session session; /* from 127.0.0.1; never reads, and is idle */
	struct peer peer;
	bool session_is_over;
	char dir[32];
};

void app_kit_open(struct app_kit *k, const struct store_ops *ops, enum service service);
void app_kit_close(struct app_kit *k);
/* One turn of the loop and of the store. */
void app_kit_turn(struct app_kit *k);
void app_kit_add_user(struct app_kit *k, const char *name, const char *password); /* or changes it */
/* The user's account, opened. */
struct account *app_kit_account(struct app_kit *k, const char *name);
void app_kit_change_box(struct app_kit *k, const char *user, enum box_change_kind kind,
			const char *mailbox);
uint32_t app_kit_count(struct app_kit *k, const char *user, const char *mailbox);

#endif
