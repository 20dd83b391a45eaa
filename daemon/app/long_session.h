/* long_session - a command of the tool that goes on for long, as an errand with the tool's connection.
 *
 * control.c hands it the stream with what follows the request. A bounded number of steps is taken a
 * turn, whenever there is input or room and nothing is waited for; it ends with a step that says so,
 * with its connection, when it is idle for too long, or as an errand. */
#ifndef APP_LONG_SESSION_H
#define APP_LONG_SESSION_H

#include "app/errand.h"
#include "net/stream.h"
#include "net/timer.h"

struct long_session {
	struct errand errand; /* first */
	struct stream_user user;
	struct stream *stream;
	struct timer deadline;
	const struct long_command *command;
};

struct long_command {
	const char *verb;
	size_t words;     /* of the request, all of them */
	size_t bytes;     /* of its session, which begins with a struct long_session and is zeroed */
	uint32_t idle_ms; /* 0: it may wait as long as it likes */
	/* word: the second of the request, or "". STEP_BAD, as for `step`: it is over, and has answered. */
	enum step (*begin)(struct long_session *s, const char *word);
	enum step (*step)(struct long_session *s); /* STEP_MORE: it waits. STEP_DONE: and so on */
	void (*stop)(struct long_session *s, const char *why); /* answers; is over */
	void (*free)(struct long_session *s); /* what it holds, also when `begin` has failed */
};
extern const struct long_command *const long_commands[]; /* of this build; closed by NULL */

/* Takes over the stream in all cases. */
void long_session_start(const struct long_command *command, struct appliance *a,
                        struct stream *stream, const char *word);
/* Queues a netstring for the tool: both behind one another. Where that fails the stream dies. */
void long_session_say(struct long_session *s, const char *kind, struct slice text);

#endif
