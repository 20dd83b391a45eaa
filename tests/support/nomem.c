#include "support/nomem.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static struct {
	unsigned until_failure; /* 0: nothing fails */
	bool is_lasting;
	bool has_failed;
} nomem;

void nomem_fail_once(unsigned n)
{
	nomem.until_failure = n;
	nomem.is_lasting = false;
	nomem.has_failed = false;
}

void nomem_fail_from(unsigned n)
{
	nomem_fail_once(n);
	nomem.is_lasting = true;
}

bool nomem_disarm(void)
{
	nomem.until_failure = 0;
	return nomem.has_failed;
}

static bool nomem_fails_now(void)
{
	if (nomem.until_failure == 0)
		return false;
	if (nomem.until_failure > 1) {
		nomem.until_failure--;
		return false;
	}
	if (!nomem.is_lasting)
		nomem.until_failure = 0;
	nomem.has_failed = true;
	errno = ENOMEM;
	return true;
}

/* The linker's --wrap=malloc sends calls of malloc to __wrap_malloc, and of __real_malloc to the C
 * library. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t max);

void *__wrap_malloc(size_t size)
{
	return nomem_fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return nomem_fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return nomem_fails_now() ? NULL : __real_realloc(old, size);
}

char *__wrap_strndup(const char *text, size_t max)
{
	size_t length = strnlen(text, max);
	char *copy = nomem_fails_now() ? NULL : __real_malloc(length + 1);

	if (copy) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, strlen(text));
}
