/* deliver - accepted mail into the mailboxes of local users, as proto/host.h promises it.
 *
 * One message for several recipients is stored once and made durable in one sync. On top of it go
 * Return-Path and Received (RFC 5321 4.4). `bob+lists` goes to bob's mailbox "lists" when there is
 * one of that name without a special use, else to INBOX. */
#ifndef APP_DELIVER_H
#define APP_DELIVER_H

#include "proto/host.h"

enum err deliver_check_rcpt(struct host *host, const struct envelope *e, struct slice rcpt,
                            struct waiter *w);
enum err deliver_begin(struct host *host, const struct envelope *e, struct delivery **out);
enum err deliver_write(struct delivery *d, struct slice bytes, struct waiter *w);
enum err deliver_finish(struct delivery *d, struct waiter *w);
void     deliver_end(struct delivery **d);

#endif
