/* script_stream - a stream over memory: the test is the peer.
 *
 *	struct script_stream *peer;
 *	struct stream *s;
 *	ck_assert_int_eq(script_stream_new(loop, 8192, &peer, &s), ERR_NONE);
 *	stream_set_user(s, &session->user);          // or session_start(..., s, false)
 *	script_chunk(peer, 1);                       // the session sees one byte a read
 *	script_feed(peer, SLICE_LIT("NOOP\r\n"));
 *	script_settle(loop);                         // turns until nothing is left to do
 *	ck_assert(slice_eq_str(script_output(peer), "+OK\r\n"));
 *	script_forget_output(peer);
 *
 * The script outlives the stream: after stream_close its output can still be read, script_is_closed
 * tells that the transport was closed. Free both with script_free, in any order with the stream.
 * Time: freeze the clock (clock_freeze), advance it, settle again. */
#ifndef SUPPORT_SCRIPT_STREAM_H
#define SUPPORT_SCRIPT_STREAM_H

#include "net/stream.h"

struct script_stream;

enum err script_stream_new(struct loop *loop, size_t in_max_bytes, struct script_stream **script_out,
                           struct stream **stream_out);
/* The transport alone, to put something above it before it becomes a stream; then script_attach. */
enum err script_transport_new(struct script_stream **script_out, struct transport **transport_out);
void script_attach(struct script_stream *p, struct stream *s);
void script_free(struct script_stream **p); /* stores NULL */

/* What the session will read. */
void script_feed(struct script_stream *p, struct slice bytes);
void script_feed_str(struct script_stream *p, const char *text);
void script_chunk(struct script_stream *p, size_t max_bytes); /* per read; 0: no limit */
void script_eof(struct script_stream *p);                     /* after all that was fed */
/* Unlike a decent client, the peer keeps his side open when the session has ended its own. */
void script_stay_open(struct script_stream *p);
void script_fail(struct script_stream *p, enum err err);      /* every later read and write fails */
size_t script_unread(const struct script_stream *p);          /* fed, not yet read */

/* A slow reader: the session may write this many bytes more, then it is blocked. SIZE_MAX, as at the
 * start: a reader who is never slow. */
void script_window(struct script_stream *p, size_t bytes);
void script_write_chunk(struct script_stream *p, size_t max_bytes); /* per write; 0: no limit */

/* What the session wrote; dies at the next turn of the loop. */
struct slice script_output(const struct script_stream *p);
void script_forget_output(struct script_stream *p);
size_t script_writes(const struct script_stream *p); /* calls of write that moved something */
bool script_is_closed(const struct script_stream *p);
bool script_is_shut(const struct script_stream *p); /* the session ended its side */

/* Turns the loop without waiting until it has nothing to do, at most 100,000 times. */
void script_settle(struct loop *loop);

#endif
