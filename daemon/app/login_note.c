#include "app/login_note.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

enum { CLIENT_NAME_MAX_BYTES = 63 };

void login_note(struct appliance *a, const struct auth_request *request)
{
	struct session *s = request->session;
	const struct login *login = request->login_out;
	struct recent_login entry = {.at_s = clock_wall_s(),
				     .service = s->service,
				     .is_tls = session_is_tls(s),
				     .session = s->id};
	session_peer_text(s, entry.address, sizeof(entry.address));
	memcpy(entry.device, login->device, sizeof(entry.device));
	if (s->client)
		snprintf(entry.client, sizeof(entry.client), "%s", s->client);
	recent_logins_note(a->logins, login->user, &entry);
}

void login_client_named(struct host *host, struct session *s, struct slice text)
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

void login_client_forget(struct session *s)
{
	free(s->client);
	s->client = NULL;
}
