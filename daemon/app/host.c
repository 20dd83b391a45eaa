#include <stdlib.h>

#include "app/appliance.h"
#include "app/auth.h"
#include "app/deliver.h"
#include "app/quota_watch.h"

enum { CLIENT_NAME_MAX_BYTES = 63 };

static void host_session_opened(struct host *host, struct session *s)
{
	struct appliance *a = appliance_of(host);
	list_add_tail(&a->sessions, &s->link);
	a->services[s->service].connections++;
	a->services[s->service].open++;
}

static void host_session_closed(struct host *host, struct session *s)
{
	struct appliance *a = appliance_of(host);
	list_remove(&s->link);
	if (s->login)
		quota_watch_check(a, s->login->user, s->login->account);
	free(s->client);
	s->client = NULL;
	a->services[s->service].open--;
}

static void host_client_named(struct host *host, struct session *s, struct slice text)
{
	if (s->login) {
		recent_logins_name(appliance_of(host)->logins, s->login->user, s->id, text);
		return;
	}
	/* Most say it before they log in: kept until then. Without memory nobody misses it. */
	free(s->client);
	s->client = malloc(CLIENT_NAME_MAX_BYTES + 1);
	if (s->client && slice_to_str(slice_upto(text, CLIENT_NAME_MAX_BYTES), s->client,
				      CLIENT_NAME_MAX_BYTES + 1))
		*s->client = '\0';
}

const struct host_ops host_ops = {
	.client_named = host_client_named,
	.session_opened = host_session_opened,
	.session_closed = host_session_closed,
	.auth_start = auth_start,
	.auth_cancel = auth_cancel,
	.scram_verifier = auth_scram_verifier,
	.auth_failed = auth_failed,
	.rcpt_check = deliver_check_rcpt,
	.delivery_begin = deliver_begin,
	.delivery_write = deliver_write,
	.delivery_finish = deliver_finish,
	.delivery_end = deliver_end,
};
