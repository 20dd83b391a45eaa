/* auth - logins as proto/host.h promises them: resolved, delayed, checked off the loop, counted. */
#ifndef APP_AUTH_H
#define APP_AUTH_H

#include "app/appliance.h"

void auth_start(struct host *host, struct auth_request *request);
void auth_cancel(struct host *host, struct auth_request *request);
void auth_failed(struct host *host, struct auth_request *request);
void auth_scram_verifier(struct host *host, struct slice name, struct scram_verifier *v_out);

/* auth_scram.c: what only SASL asks for. */
bool auth_is_proof(const struct auth_request *request); /* no password came, its proof did */
/* The one who logs in as `user` asks for somebody else's mail. */
bool auth_is_for_other(struct appliance *a, const struct auth_request *request, const char *user);

#endif
