#include "app/appliance.h"
#include "app/auth.h"
#include "app/deliver.h"
#include "app/login_note.h"
#include "app/quota_watch.h"

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
	login_client_forget(s);
	a->services[s->service].open--;
}

const struct host_ops host_ops = {
	.client_named = login_client_named,
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
