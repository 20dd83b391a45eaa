/* dialog - replays written conversations with a server, on its real session code.
 *
 * A program for one family of protocols is three lines: it says how a session starts, and hands
 * main() over to dialog_main. Every file tests/dialog/<service>/<name>.txt is replayed six times: as
 * written, one octet at a time, and with a client that takes a few octets a turn; each with a host
 * that answers at once and with one that lets everything wait. The whole runs on a frozen clock.
 *
 * A file is read line by line. Empty lines and lines that start with "#" say nothing. First what
 * there is before the conversation:
 *
 *   USER bob secret                a user with a password
 *   MAIL bob INBOX [\Seen ...] <<END   a message: the lines that follow, until one that is END, each
 *                                  ended by CRLF
 *   RAW bob INBOX text             a message of exactly this text; escapes as in C>
 *   SET delay 30                   LOGIN-DELAY of POP3, seconds     SET expire 7     EXPIRE, days
 *   SET size 1000                  largest message                  SET rcpt_max 2
 *   SET address 192.0.2.9          where clients come from; default 127.0.0.1
 *   SET service submission         other than the directory says
 *   SET limit 1                    the next connection is one too many
 *   SET age 40                     days ago that mail added from now on arrived
 *   POLICY bob pop3.after_download archive     a row of the settings table, of this user's logins from
 *                                  now on; pop3.access from-now-on sets the window, too
 *   QUOTA bob 2 messages | bytes   what the account may hold
 *   NOBOX bob Archive              another session deletes this mailbox
 *   REFUSE login|rcpt|delivery bob ERR_QUOTA    what the host says of this user from now on
 *   REFUSE write|finish ERR_FULL   ... of the next delivery, once
 *
 * Then the conversation. The first line that names a connection opens it; C: and S: are the first,
 * C2: and S2: the second, and so on up to 9:
 *
 *   C: text            sends text and CRLF
 *   C> text            sends text alone, with \r \n \t \0 \\ and \xHH undone
 *   C* 5000 a          sends "a" 5000 times, escapes undone
 *   S: text            the server's next line must be text, where * stands for anything
 *   S~ regex           the same as an extended regular expression, matched whole
 *   S+ text            lines may come before the one that matches text
 *   S!                 nothing must have come
 *   EOF                the client ends its side        EOF2 ... of the second connection
 *   RESET              the connection breaks           RESET2
 *   CLOSED             the server must have closed     CLOSED2
 *   AGAIN              the connection ends; the next line of its is of a new one     AGAIN2
 *   TIME 60000         so many milliseconds pass
 *   EXPUNGE bob INBOX 1            another session deletes the first message
 *   STORED bob INBOX 2             so many messages must be there
 *   SEEN bob INBOX 1               ... with \Seen
 *   BODY bob INBOX 1 <<END         this message must be exactly the lines that follow, as in MAIL
 *
 * ${name} in S: and S+ takes what stands there (up to a space, quote, bracket or parenthesis) the
 * first time, and must be equal from then on; in C: and C> it is put in. C: lines that follow each other are sent together:
 * that is how pipelining is written. At the end of the file every connection is broken, and the
 * sessions must be gone. */
#ifndef TESTS_SUPPORT_DIALOG_H
#define TESTS_SUPPORT_DIALOG_H

#include "proto/protocols.h"

struct dialog_service {
	const char *name; /* of the directory, and in SET service */
	enum service service;
	void (*start)(struct host *host, struct stream *stream, enum service service,
	              bool over_limit);
};

/* Replays the files given as arguments, or all files <root>/<name>/NAME.txt of the services, where root
 * is the directory given, or tests/dialog. Prints what failed, and "N passed, N failed". Returns
 * the exit status. */
int dialog_main(int argc, char **argv, const struct dialog_service *services, size_t count);

#endif
