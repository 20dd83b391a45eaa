/* scram_client - the other side of SCRAM-SHA-256, for tests; written from RFC 5802 alone. */
#ifndef TESTS_SUPPORT_SCRAM_CLIENT_H
#define TESTS_SUPPORT_SCRAM_CLIENT_H

#include "base/buf.h"

struct scram_client {
	const char *user, *password;
	const char *gs2;         /* "n,,", "y,,", "p=tls-exporter,,", with authzid if wanted */
	struct slice binding;    /* channel-binding data behind it */
	const char *nonce;       /* ours */
	const char *final_gs2;   /* what the last message claims instead of gs2; NULL: the same */
	const char *nonce_tail;  /* put behind the nonce of the last message; NULL: nothing */
	char bare[512], auth_message[2048];
	uint8_t salted[32];
};

void scram_client_first(struct scram_client *c, struct buf *dst);
enum err scram_client_final(struct scram_client *c, struct slice server_first, struct buf *dst);
bool scram_client_accepts(const struct scram_client *c, struct slice server_final);

#endif
