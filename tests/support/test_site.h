/* test_site - a small site for the tests of proto/http: one page for each thing a handler can do.
 *
 *   GET /              "hello"                        POST /echo       the body back, at most 100 octets
 *   POST /form         the field "a" of the form      GET /query       the field "a" of the query
 *   GET /cookie        the cookie "c"                 GET /big         300,000 octets, whole
 *   GET /chunks        ten pieces, length unknown     GET /counted     the same with a length
 *   GET /short         less than was announced        GET /abort       breaks off in the middle
 *   GET /wait          answers when woken             GET /again       pauses ten times, then answers
 *   POST /take         streams: how many octets       POST /deaf       streams, and reads nothing
 *   GET /tail/<any>    what stood for the '*'         GET /mute        no reply at all
 *   GET /split         a field with a line end in it  GET /twice       two replies
 *   GET /endless       chunks until nobody reads
 *   POST /admit        refused by the hook behind the body, unless it is "yes"
 * The gate refuses the Host "evil" with 403. Errors are pages "<p>404 SENTENCE". */
#ifndef TESTS_SUPPORT_TEST_SITE_H
#define TESTS_SUPPORT_TEST_SITE_H

#include "proto/http/http.h"

extern const struct http_site test_site;
extern struct list test_site_waiters;    /* of /wait; initialized by test_site_init */
extern unsigned test_site_open_commands; /* handlers' data not freed yet */
extern unsigned test_site_open_data;     /* the same of the gate */
extern bool test_site_is_brief; /* for fuzzers: /wait is /again, /endless has 3,000 pieces, texts no CR */
void test_site_init(void);

#endif
