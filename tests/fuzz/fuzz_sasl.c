/* SASL exchanges. The first octet chooses the mechanism and whether the host lets us wait; the
 * client's messages stand between octets 0xff. Nobody may get in who does not say the password. */
#include <stdlib.h>

#include "base/log.h"
#include "proto/sasl.h"
#include "support/fake_host.h"
#include "support/peer.h"

struct bare {
	struct session s;
	struct sasl sasl;
};

static enum step bare_run(struct session *s)
{
	(void)s;
	return STEP_MORE;
}

static void bare_goodbye(struct session *s, enum goodbye why)
{
	(void)s;
	(void)why;
}

static bool bare_is_idle(const struct session *s)
{
	(void)s;
	return true;
}

static void bare_free(struct session *s)
{
	struct bare *bare = (struct bare *)s;
	sasl_end(&bare->sasl);
	free(bare);
}

static const struct session_ops bare_ops = {
	.name = "bare",
	.run = bare_run,
	.goodbye = bare_goodbye,
	.is_idle = bare_is_idle,
	.free = bare_free,
};

static enum sasl_result settle(struct bare *bare, enum sasl_result result)
{
	for (int turns = 0; result == SASL_WAIT; turns++) {
		if (turns > 20 || loop_turn(bare->s.host->loop, 0))
			abort();
		result = sasl_poll(&bare->sasl);
	}
	return result;
}

static void talk(struct bare *bare, struct slice rest)
{
	static const char *const names[] = {"PLAIN", "LOGIN", "SCRAM-SHA-256",
					    "SCRAM-SHA-256-PLUS"};
	uint8_t choice = rest.ptr[0];
	struct slice messages = rest = slice_from(rest, 1);
	if (sasl_begin(&bare->sasl, &bare->s, slice_str(names[choice & 3])))
		return;
	struct slice initial = choice & 8 ? slice_split(&rest, 0xff) : SLICE_EMPTY;
	enum sasl_result result =
		settle(bare, sasl_start(&bare->sasl, choice & 8 ? &initial : NULL));
	while (result == SASL_CONTINUE && rest.len)
		result = settle(bare, sasl_step(&bare->sasl, slice_split(&rest, 0xff)));
	bool knows = slice_find(messages, SLICE_LIT("secret")) != SIZE_MAX;
	if (result == SASL_OK && (!knows || !bare->sasl.login_out))
		abort();
	if (choice & 16)
		sasl_end(&bare->sasl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loop *loop;
	struct fake_host fake;
	struct peer peer;
	if (size < 1 || size > 16 * 1024)
		return 0;
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	if (loop_new(&loop))
		abort();
	fake_host_init(&fake, loop);
	fake_host_add_user(&fake, "bob", "secret");
	fake.is_delayed = data[0] & 4;
	peer_open(&peer, loop, 4096);
	struct bare *bare = calloc(1, sizeof(*bare));
	if (!bare)
		abort();
	session_start(&bare->s, &bare_ops, SERVICE_POP3, &fake.host, peer.stream, false);
	talk(bare, slice_of(data, size));
	peer_close(&peer);
	if (fake.session_count)
		abort();
	fake_host_free(&fake);
	loop_free(&loop);
	return 0;
}
