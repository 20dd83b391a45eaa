/* err - the one error enum of the daemon.
 *
 * Functions that can fail return `enum err` and must be checked. The value says what the caller may
 * conclude, never what a client should read: only proto/ turns it into words (RFC 5530, RFC 3463).
 * ERR_AGAIN is not a failure: the callee has remembered the caller's waiter and will wake it. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define NO_INLINE  __attribute__((noinline)) /* small, and called from hundreds of places */
#define PRINTF_LIKE(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))

enum err {
	ERR_NONE = 0,
	ERR_AGAIN,       /* not yet; the waiter given with the call is woken later */
	ERR_NOMEM,       /* allocation failed; nothing changed */
	ERR_LIMIT,       /* a ceiling of ours is reached; nothing changed */
	ERR_SYNTAX,      /* input does not follow its grammar */
	ERR_NOT_FOUND,   /* no such name, user, message */
	ERR_EXISTS,      /* the name is taken */
	ERR_DENIED,      /* wrong credentials or not allowed by policy */
	ERR_IN_USE,      /* somebody else holds it; try later */
	ERR_GONE,        /* it was there, and was deleted since */
	ERR_QUOTA,       /* the owner's quota is used up; deleting helps */
	ERR_FULL,        /* no space on the medium; deleting helps */
	ERR_IO,          /* the medium failed */
	ERR_CORRUPT,     /* bytes read back are not the bytes written */
	ERR_READ_ONLY,   /* the store refuses writes after a failed sync, or by configuration */
	ERR_UNSUPPORTED, /* this backend or build cannot do that */
	ERR_CLOSED,      /* the peer or the owner has gone */
	ERR_TIMEOUT,     /* a deadline passed */
	ERR_STATE,       /* the call is not legal now: a bug in the caller, or a protocol error */
	ERR_COUNT
};

/* What a resumable piece of work says each time it is called. */
enum step {
	STEP_DONE, /* finished */
	STEP_MORE, /* call again when there is input, room, or a wake-up */
	STEP_BAD,  /* failed; the callee has recorded why */
};

const char *err_name(enum err err);         /* "ERR_QUOTA": for logs and tests; static storage */
const char *err_text(enum err err);         /* "over quota": for people; static storage */
bool        err_is_temporary(enum err err); /* true: the same call may succeed later (4xx) */
enum err    err_from_errno(int code);       /* of a failed system call; ERR_IO for what we cannot name */

#endif
