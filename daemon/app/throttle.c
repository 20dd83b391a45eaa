#include "app/throttle.h"

#include "base/clock.h"
#include "base/codec.h"
#include "base/secret.h"

void throttle_init(struct throttle *t)
{
	*t = (struct throttle){.seed = secret_random_u64()};
}

/* Spread by a secret seed, so that nobody can aim at somebody else's entry. */
static uint64_t throttle_key(const struct throttle *t, struct slice bytes)
{
	uint64_t hash = t->seed;
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ ascii_lower(bytes.ptr[i])) * 0x100000001B3u;
	hash ^= hash >> 32;
	return hash ? hash : 1;
}

static uint64_t throttle_address_key(const struct throttle *t, const struct net_address *a)
{
	uint8_t prefix[NET_PREFIX_BYTES];
	net_address_prefix(a, prefix);
	return throttle_key(t, slice_of(prefix, sizeof(prefix)));
}

static struct throttle_entry *throttle_find(struct throttle_entry *table, uint64_t key)
{
	struct throttle_entry *oldest = table;
	for (size_t i = 0; i < THROTTLE_ENTRIES; i++) {
		if (table[i].key == key)
			return &table[i];
		if (table[i].touched_ms < oldest->touched_ms)
			oldest = &table[i];
	}
	*oldest = (struct throttle_entry){.key = key, .touched_ms = clock_mono_ms()};
	return oldest;
}

static void throttle_age(struct throttle_entry *e)
{
	uint64_t now = clock_mono_ms();
	uint64_t halvings = (now - e->touched_ms) / THROTTLE_HALF_LIFE_MS;
	if (halvings == 0)
		return;
	e->failures = halvings < 32 ? e->failures >> halvings : 0;
	e->touched_ms = now;
}

static uint32_t throttle_delay(uint32_t failures)
{
	if (failures <= THROTTLE_FREE_FAILURES)
		return 0;
	uint32_t doublings = failures - THROTTLE_FREE_FAILURES - 1;
	uint32_t delay = doublings < 5 ? (500u << doublings) : THROTTLE_MAX_DELAY_MS;
	return delay < THROTTLE_MAX_DELAY_MS ? delay : THROTTLE_MAX_DELAY_MS;
}

uint32_t throttle_before_ms(struct throttle *t, const struct net_address *from)
{
	/* This box's own programs (a web mailer, a test) share one address with each other. */
	if (net_address_is_loopback(from))
		return 0;
	struct throttle_entry *e = throttle_find(t->addresses, throttle_address_key(t, from));
	throttle_age(e);
	return throttle_delay(e->failures);
}

uint32_t throttle_failed_ms(struct throttle *t, const struct net_address *from, struct slice name)
{
	struct throttle_entry *address = throttle_find(t->addresses, throttle_address_key(t, from));
	struct throttle_entry *user = throttle_find(t->names, throttle_key(t, name));
	throttle_age(address);
	throttle_age(user);
	address->failures++;
	user->failures++;
	address->touched_ms = user->touched_ms = clock_mono_ms();
	uint32_t delay = throttle_delay(user->failures) / 4;
	return delay > THROTTLE_FAILURE_MS ? delay : THROTTLE_FAILURE_MS;
}

void throttle_succeeded(struct throttle *t, const struct net_address *from, struct slice name)
{
	throttle_find(t->addresses, throttle_address_key(t, from))->failures = 0;
	throttle_find(t->names, throttle_key(t, name))->failures = 0;
}
