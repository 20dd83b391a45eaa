#include "bench/loads.h"

#include <stdio.h>
#include <string.h>

#include "bench/letters.h"

enum { LMTP_MAILS_MAX = 500 };

static char end_of_letter[] = ".\r\n", end_of_line[] = "\r\n";

/* --- LMTP ------------------------------------------------------------------------------------- */

static void lmtp_open(struct client *c)
{
	wire_open(&c->wire, c->options->port);
	wire_lmtp_reply(&c->wire, '2');
	wire_printf(&c->wire, "LHLO load.example.net\r\n");
	wire_lmtp_reply(&c->wire, '2');
	c->is_open = true;
}

/* Relays do not keep a connection for ever either, and servers limit what one may carry. */
static void lmtp_reopen(struct client *c)
{
	wire_printf(&c->wire, "QUIT\r\n");
	wire_lmtp_reply(&c->wire, '2');
	wire_close(&c->wire);
	lmtp_open(c);
}

/* One envelope is sent as a relay does that knows PIPELINING (RFC 2920): three commands at once. */
static unsigned lmtp_deliver(struct client *c, unsigned k)
{
	const struct letter *l = letters_pick(c->index, k);
	struct iovec parts[] = {{.iov_base = l->text, .iov_len = l->len},
				{.iov_base = end_of_letter, .iov_len = 3}};
	if (k && k % LMTP_MAILS_MAX == 0)
		lmtp_reopen(c);
	wire_printf(&c->wire,
		    "MAIL FROM:<sender@example.net>\r\nRCPT TO:<u%u@example.org>\r\nDATA\r\n",
		    c->user);
	wire_lmtp_reply(&c->wire, '2');
	wire_lmtp_reply(&c->wire, '2');
	wire_lmtp_reply(&c->wire, '3');
	wire_send(&c->wire, parts, 2);
	wire_lmtp_reply(&c->wire, '2');
	return 1;
}

/* --- IMAP ------------------------------------------------------------------------------------- */

static void imap_login(struct client *c)
{
	size_t len;
	wire_open(&c->wire, c->options->port);
	wire_line(&c->wire, &len);
	wire_printf(&c->wire, "l LOGIN u%u secret\r\n", c->user);
	wire_imap_done(&c->wire, "l");
	c->is_open = true;
}

static void imap_select(struct client *c)
{
	wire_printf(&c->wire, "s SELECT %s\r\n", c->options->box);
	c->exists = wire_imap_done(&c->wire, "s").exists;
}

static void imap_open(struct client *c)
{
	imap_login(c);
	imap_select(c);
	if (!c->exists)
		die("%s of u%u is empty", c->options->box, c->user);
}

static void imap_goodbye(struct client *c)
{
	wire_printf(&c->wire, "q LOGOUT\r\n");
	wire_imap_done(&c->wire, "q");
	wire_close(&c->wire);
	c->is_open = false;
}

static void imap_open_target(struct client *c)
{
	imap_login(c);
	if (strcmp(c->options->box, "INBOX") != 0) {
		wire_printf(&c->wire, "c CREATE %s\r\n", c->options->box);
		wire_imap_done(&c->wire, "c");
	}
}

static unsigned imap_append(struct client *c, unsigned k)
{
	const struct letter *l = letters_pick(c->index, k);
	char command[256];
	int n = snprintf(command, sizeof(command), "a APPEND %s (\\Seen) {%zu+}\r\n",
			 c->options->box, l->len);
	struct iovec parts[] = {{.iov_base = command, .iov_len = (size_t)n},
				{.iov_base = l->text, .iov_len = l->len},
				{.iov_base = end_of_line, .iov_len = 2}};
	wire_send(&c->wire, parts, 3);
	wire_imap_done(&c->wire, "a");
	return 1;
}

/* Every message in turn, in an order that jumps; the second round takes the flag away again. */
static unsigned imap_flag(struct client *c, unsigned k)
{
	unsigned number = (unsigned)((unsigned long long)k * 7919 % c->exists) + 1;
	wire_printf(&c->wire, "f STORE %u %cFLAGS (%s)\r\n", number, k / c->exists % 2 ? '-' : '+',
		    c->options->items);
	wire_imap_done(&c->wire, "f");
	return 1;
}

static unsigned imap_expunge(struct client *c, unsigned k)
{
	(void)k;
	wire_printf(&c->wire, "d STORE 1 +FLAGS (\\Deleted)\r\n");
	wire_imap_done(&c->wire, "d");
	wire_printf(&c->wire, "e EXPUNGE\r\n");
	wire_imap_done(&c->wire, "e");
	return 1;
}

static unsigned imap_fetch(struct client *c, unsigned k)
{
	(void)k;
	wire_printf(&c->wire, "y FETCH 1:* (%s)\r\n", c->options->items);
	struct imap_seen seen = wire_imap_done(&c->wire, "y");
	if (seen.fetches != c->exists)
		die("%u answers to a FETCH of %u messages", seen.fetches, c->exists);
	return seen.fetches;
}

static unsigned imap_search(struct client *c, unsigned k)
{
	(void)k;
	wire_printf(&c->wire, "x SEARCH %s\r\n", c->options->key);
	c->hits = wire_imap_done(&c->wire, "x").hits;
	return 1;
}

static void nothing(struct client *c)
{
	(void)c;
}

static unsigned imap_login_once(struct client *c, unsigned k)
{
	(void)k;
	imap_login(c);
	imap_goodbye(c);
	return 1;
}

/* What a phone does every few minutes. */
static unsigned imap_poll(struct client *c, unsigned k)
{
	(void)k;
	imap_login(c);
	imap_select(c);
	wire_printf(&c->wire, "p UID FETCH 1:* (FLAGS)\r\n");
	wire_imap_done(&c->wire, "p");
	imap_goodbye(c);
	return 1;
}

/* Opens the mailbox and leaves it: for the time that a SELECT takes. */
static unsigned imap_select_once(struct client *c, unsigned k)
{
	(void)k;
	imap_select(c);
	return 1;
}

/* --- POP3 ------------------------------------------------------------------------------------- */

static void pop3_open(struct client *c)
{
	size_t len;
	wire_open(&c->wire, c->options->port);
	wire_pop3_ok(&c->wire);
	wire_printf(&c->wire, "USER u%u\r\n", c->user);
	wire_pop3_ok(&c->wire);
	wire_printf(&c->wire, "PASS secret\r\n");
	wire_pop3_ok(&c->wire);
	wire_printf(&c->wire, "STAT\r\n");
	const char *line = wire_line(&c->wire, &len);
	if (sscanf(line, "+OK %u", &c->exists) != 1 || !c->exists)
		die("nothing to download for u%u: %s", c->user, line);
	c->is_open = true;
}

static unsigned pop3_take(struct client *c, unsigned k)
{
	wire_printf(&c->wire, "RETR %u\r\n", k + 1);
	wire_pop3_multiline(&c->wire);
	wire_printf(&c->wire, "DELE %u\r\n", k + 1);
	wire_pop3_ok(&c->wire);
	return 1;
}

static void pop3_quit(struct client *c)
{
	wire_printf(&c->wire, "QUIT\r\n");
	wire_pop3_ok(&c->wire);
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct load loads[] = {
	{"deliver", lmtp_open, lmtp_deliver, NULL, false},
	{"append", imap_open_target, imap_append, NULL, false},
	{"flags", imap_open, imap_flag, NULL, false},
	{"expunge", imap_open, imap_expunge, NULL, true},
	{"fetch", imap_open, imap_fetch, NULL, false},
	{"search", imap_open, imap_search, NULL, false},
	{"login", nothing, imap_login_once, NULL, false},
	{"poll", nothing, imap_poll, NULL, false},
	{"select", imap_login, imap_select_once, NULL, false},
	{"pop3", pop3_open, pop3_take, pop3_quit, true},
};

const struct load *load_find(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		if (strcmp(loads[i].name, name) == 0)
			return &loads[i];
	return NULL;
}
