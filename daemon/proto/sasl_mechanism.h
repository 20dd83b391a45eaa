/* sasl_mechanism - one row for each SASL mechanism; between sasl.c and the mechanisms only.
 *
 * A step gets the client's decoded message and answers as sasl_step does. It may leave a challenge
 * or final data in sasl->out, which is empty when it is called. sasl_ask_host and sasl_ask return
 * SASL_WAIT; after the host's consent `accepted` may put final data for the client into out. */
#ifndef PROTO_SASL_MECHANISM_H
#define PROTO_SASL_MECHANISM_H

#include "proto/sasl.h"

struct sasl_mechanism {
	const char *name;
	bool is_clear;      /* the password itself travels */
	bool binds_channel; /* needs tls-exporter */
	bool server_first;  /* the server speaks first when there is no initial response */
	enum sasl_result (*step)(struct sasl *sasl, struct slice client);
	enum sasl_result (*accepted)(struct sasl *sasl); /* NULL: nothing to add */
};

extern const struct sasl_mechanism sasl_plain, sasl_login_mechanism;
extern const struct sasl_mechanism sasl_scram_sha256, sasl_scram_sha256_plus;

enum sasl_phase { SASL_IDLE, SASL_RUNNING, SASL_ASKED };

/* Whatever an attempt before has left is wiped. */
void sasl_reset(struct sasl *sasl, struct session *s, const struct sasl_mechanism *m);
enum sasl_result sasl_fail(struct sasl *sasl, enum err err);
/* The host opens the account of sasl->user; unless sasl->request says that he is verified, it checks
 * the password in sasl->secret first. */
enum sasl_result sasl_ask_host(struct sasl *sasl);
/* The same by another of its hooks. After a wrong proof auth_failed: the refusal comes from the host,
 * after its delay. */
enum sasl_result sasl_ask(struct sasl *sasl,
                          void (*hook)(struct host *host, struct auth_request *request));
bool sasl_can_bind(const struct session *s); /* this connection has a tls-exporter */

#endif
