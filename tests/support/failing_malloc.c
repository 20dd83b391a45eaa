#include "support/failing_malloc.h"

#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);

static unsigned long until_failure; /* 0: none */
static bool has_run, has_fired;

bool failing_malloc_arm(unsigned long n)
{
	bool go_on = !has_run || has_fired;
	until_failure = go_on ? n : 0;
	has_run = go_on;
	has_fired = false;
	return go_on;
}

void failing_malloc_disarm(void)
{
	until_failure = 0;
}

bool failing_malloc_has_fired(void)
{
	return has_fired;
}

static bool must_fail(void)
{
	if (until_failure == 0 || --until_failure > 0)
		return false;
	has_fired = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return must_fail() ? NULL : __real_realloc(old, size);
}

char *__wrap_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = must_fail() ? NULL : __real_malloc(len + 1);
	if (!copy)
		return NULL;
	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *__wrap_strdup(const char *s)
{
	return __wrap_strndup(s, strlen(s));
}
