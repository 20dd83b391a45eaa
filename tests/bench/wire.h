/* wire.h - a blocking client connection for the load generator.
 *
 * One thread owns a wire. Whatever goes wrong - a refused connection, a server that closes, an
 * answer that is not the one expected - ends the program with a sentence on standard error: a
 * measurement with a failure in it is no measurement. Reads give up after WIRE_PATIENCE_S. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

enum { WIRE_PATIENCE_S = 60, WIRE_BUFFER_BYTES = 256 * 1024 };

struct wire {
	int fd;
	size_t start, end;                /* what was received and not yet taken */
	unsigned long long bytes_in;      /* received in all */
	char *buffer;
};

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connects to 127.0.0.1 and allocates the buffer; TCP_NODELAY is set. */
void  wire_open(struct wire *w, unsigned port);
void  wire_close(struct wire *w);

void  wire_send(struct wire *w, struct iovec *parts, int count);   /* all of it; parts are used up */
void  wire_printf(struct wire *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next line, without its CRLF, as a string that lives until the next call. */
char *wire_line(struct wire *w, size_t *len_out);
void  wire_skip(struct wire *w, size_t n);                          /* passes over n octets */

/* --- answers, by protocol ------------------------------------------------------------------- */

/* POP3: one line that starts with "+OK"; the lines up to the dot, whose number of octets it gives. */
void   wire_pop3_ok(struct wire *w);
size_t wire_pop3_multiline(struct wire *w);

/* LMTP: one reply of one or more lines whose code starts with the digit class. */
void   wire_lmtp_reply(struct wire *w, char class);

/* IMAP: what stands before the tagged OK. */
struct imap_seen {
	unsigned fetches;                 /* "* n FETCH" */
	unsigned exists;                  /* the last "* n EXISTS", else 0 */
	unsigned hits;                    /* numbers in "* SEARCH" */
};
struct imap_seen wire_imap_done(struct wire *w, const char *tag);
