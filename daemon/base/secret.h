/* secret - random bytes, wiping, and comparison that does not tell by its time. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/slice.h"

void secret_random(void *dst, size_t n); /* from the kernel; aborts the process if there is none */
uint64_t secret_random_u64(void);
void secret_wipe(void *bytes, size_t n); /* not optimised away */
/* Time depends on the lengths only. */
bool secret_eq(struct slice a, struct slice b);

#endif
