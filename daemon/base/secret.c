#include "base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void secret_random(void *dst, size_t n)
{
	uint8_t *p = dst;
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		/* Without randomness no key, id or nonce would be safe: there is nothing to go on with. */
		if (got <= 0)
			abort();
		p += got;
		n -= (size_t)got;
	}
}

uint64_t secret_random_u64(void)
{
	uint64_t value = 0;
	secret_random(&value, sizeof(value));
	return value;
}

void secret_wipe(void *bytes, size_t n)
{
	explicit_bzero(bytes, n);
}

bool secret_eq(struct slice a, struct slice b)
{
	uint8_t diff = a.len != b.len;
	for (size_t i = 0; i < a.len; i++)
		diff |= (uint8_t)(a.ptr[i] ^ (b.len ? b.ptr[i % b.len] : 1));
	return diff == 0;
}
