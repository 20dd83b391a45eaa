#include "base/err.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

static const char *const err_names[ERR_COUNT] = {
	[ERR_NONE] = "ERR_NONE",
	[ERR_AGAIN] = "ERR_AGAIN",
	[ERR_NOMEM] = "ERR_NOMEM",
	[ERR_LIMIT] = "ERR_LIMIT",
	[ERR_SYNTAX] = "ERR_SYNTAX",
	[ERR_NOT_FOUND] = "ERR_NOT_FOUND",
	[ERR_EXISTS] = "ERR_EXISTS",
	[ERR_DENIED] = "ERR_DENIED",
	[ERR_IN_USE] = "ERR_IN_USE",
	[ERR_GONE] = "ERR_GONE",
	[ERR_QUOTA] = "ERR_QUOTA",
	[ERR_FULL] = "ERR_FULL",
	[ERR_IO] = "ERR_IO",
	[ERR_CORRUPT] = "ERR_CORRUPT",
	[ERR_READ_ONLY] = "ERR_READ_ONLY",
	[ERR_UNSUPPORTED] = "ERR_UNSUPPORTED",
	[ERR_CLOSED] = "ERR_CLOSED",
	[ERR_TIMEOUT] = "ERR_TIMEOUT",
	[ERR_STATE] = "ERR_STATE",
};

static const char *const err_texts[ERR_COUNT] = {
	[ERR_NONE] = "no error",          [ERR_AGAIN] = "not ready yet",
	[ERR_NOMEM] = "out of memory",    [ERR_LIMIT] = "a limit is reached",
	[ERR_SYNTAX] = "syntax error",    [ERR_NOT_FOUND] = "not found",
	[ERR_EXISTS] = "exists already",  [ERR_DENIED] = "not allowed",
	[ERR_IN_USE] = "in use",          [ERR_GONE] = "deleted meanwhile",
	[ERR_QUOTA] = "over quota",       [ERR_FULL] = "no space left",
	[ERR_IO] = "input/output error",  [ERR_CORRUPT] = "damaged data",
	[ERR_READ_ONLY] = "read-only",    [ERR_UNSUPPORTED] = "not supported",
	[ERR_CLOSED] = "closed",          [ERR_TIMEOUT] = "timed out",
	[ERR_STATE] = "not possible now",
};

static const uint32_t err_temporary = 1u << ERR_AGAIN | 1u << ERR_NOMEM | 1u << ERR_IN_USE |
				      1u << ERR_QUOTA | 1u << ERR_FULL | 1u << ERR_IO |
				      1u << ERR_READ_ONLY | 1u << ERR_CLOSED | 1u << ERR_TIMEOUT;
_Static_assert(ERR_COUNT <= 32, "a bit for each");

const char *err_name(enum err err)
{
	return (unsigned)err < ERR_COUNT ? err_names[err] : "ERR_UNKNOWN";
}

const char *err_text(enum err err)
{
	return (unsigned)err < ERR_COUNT ? err_texts[err] : "unknown error";
}

bool err_is_temporary(enum err err)
{
	return (unsigned)err < ERR_COUNT && err_temporary >> err & 1;
}

enum err err_from_errno(int code)
{
	static const uint16_t table[][2] = {
		{ENOENT, ERR_NOT_FOUND},
		{EADDRNOTAVAIL, ERR_NOT_FOUND},
		{ENOSPC, ERR_FULL},
		{EDQUOT, ERR_FULL},
		{EACCES, ERR_DENIED},
		{EPERM, ERR_DENIED},
		{EROFS, ERR_READ_ONLY},
		{EAGAIN, ERR_AGAIN},
		{ENOMEM, ERR_NOMEM},
		{ENOBUFS, ERR_NOMEM},
		{EMFILE, ERR_LIMIT},
		{ENFILE, ERR_LIMIT},
		{ENAMETOOLONG, ERR_LIMIT},
		{EADDRINUSE, ERR_IN_USE},
		{EAFNOSUPPORT, ERR_UNSUPPORTED},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i][0] == code)
			return (enum err)table[i][1];
	return ERR_IO;
}
