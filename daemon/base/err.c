#include "base/err.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

struct err_words {
	const char *name, *text;
	bool temporary;
};

static const struct err_words err_table[ERR_COUNT] = {
	[ERR_NONE] = {"ERR_NONE", "no error", false},
	[ERR_AGAIN] = {"ERR_AGAIN", "not ready yet", true},
	[ERR_NOMEM] = {"ERR_NOMEM", "out of memory", true},
	[ERR_LIMIT] = {"ERR_LIMIT", "a limit is reached", false},
	[ERR_SYNTAX] = {"ERR_SYNTAX", "syntax error", false},
	[ERR_NOT_FOUND] = {"ERR_NOT_FOUND", "not found", false},
	[ERR_EXISTS] = {"ERR_EXISTS", "exists already", false},
	[ERR_DENIED] = {"ERR_DENIED", "not allowed", false},
	[ERR_IN_USE] = {"ERR_IN_USE", "in use", true},
	[ERR_GONE] = {"ERR_GONE", "deleted meanwhile", false},
	[ERR_QUOTA] = {"ERR_QUOTA", "over quota", true},
	[ERR_FULL] = {"ERR_FULL", "no space left", true},
	[ERR_IO] = {"ERR_IO", "input/output error", true},
	[ERR_CORRUPT] = {"ERR_CORRUPT", "damaged data", false},
	[ERR_READ_ONLY] = {"ERR_READ_ONLY", "read-only", true},
	[ERR_UNSUPPORTED] = {"ERR_UNSUPPORTED", "not supported", false},
	[ERR_CLOSED] = {"ERR_CLOSED", "closed", true},
	[ERR_TIMEOUT] = {"ERR_TIMEOUT", "timed out", true},
	[ERR_STATE] = {"ERR_STATE", "not possible now", false},
};

static const struct err_words *err_words_of(enum err err)
{
	static const struct err_words unknown = {"ERR_UNKNOWN", "unknown error", false};
	unsigned i = (unsigned)err;
	return i < ERR_COUNT && err_table[i].name ? &err_table[i] : &unknown;
}

const char *err_name(enum err err)
{
	return err_words_of(err)->name;
}

const char *err_text(enum err err)
{
	return err_words_of(err)->text;
}

bool err_is_temporary(enum err err)
{
	return err_words_of(err)->temporary;
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
