/* auth - logins as proto/host.h promises them: resolved, delayed, checked off the loop, counted. */
#ifndef APP_AUTH_H
#define APP_AUTH_H

#include "proto/host.h"

void auth_start(struct host *host, struct auth_request *request);
void auth_cancel(struct host *host, struct auth_request *request);
void auth_failed(struct host *host, struct auth_request *request);
void auth_scram_verifier(struct host *host, struct slice name, struct scram_verifier *v_out);

#endif
