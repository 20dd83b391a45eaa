/* fuzz_session - one input of a fuzzer, said to a whole session over memory.
 *
 * The first octet of the input chooses the network and the host, the rest is what the client says:
 *   bit 0      the host lets everything wait
 *   bits 1-2   octets that arrive at a time: as they come, 1, 7, 64
 *   bits 3-4   octets the client takes a turn: all, 1000, 100
 *   bit 5      the client ends its side afterwards; else the connection breaks
 *   bits 6-7   the caller's
 * The host knows bob (password "secret", two messages in INBOX) and eve (password "pencil"). */
#ifndef TESTS_SUPPORT_FUZZ_SESSION_H
#define TESTS_SUPPORT_FUZZ_SESSION_H

#include "proto/protocols.h"

enum { FUZZ_SESSION_MAX = 32 * 1024 };

/* check sees all that the server has said. Aborts when sessions are left or do not come to rest. */
void fuzz_session(const uint8_t *data, size_t size,
                  void (*start)(struct host *host, struct stream *stream, uint8_t choice),
                  void (*check)(struct slice said));
/* Aborts unless every line ends in CRLF and neither CR, LF nor NUL stands elsewhere; calls `line`, if
 * given, for each. A cut off last line is no error. */
void fuzz_check_lines(struct slice said, void (*line)(struct slice line));

#endif
