/* import_parts - what the kinds of import_source share; for import_source.c, import_mbox.c and
 * import_maildir.c alone. */
#ifndef APP_IMPORT_PARTS_H
#define APP_IMPORT_PARTS_H

#include <stdio.h>

#include "app/import_source.h"

enum { SOURCE_CHUNK_BYTES = 64 * 1024, SOURCE_PATH_MAX = 4096 };

struct source_file { /* one message of a Maildir */
	char *path;
	char *mailbox;
	int64_t mtime;
};

struct import_source {
	enum err (*next)(struct import_source *s, struct import_message *m);
	FILE *file; /* mbox, or the Maildir's current message */
	char *mailbox;
	unsigned skipped;
	/* The message in hand. */
	bool is_over;                                        /* all of it was read */
	bool is_measured;                                    /* it is read for the second time */
	uint64_t left;                                       /* then: octets still to come */
	bool after_empty, held_empty, mid_line, last_was_cr; /* line state, see source_line */
	size_t out_len;
	/* mbox */
	bool is_mbox, is_mboxrd;
	bool has_from;     /* the file stands behind the From_ line of the next message */
	int64_t from_date; /* of that line */
	/* Maildir */
	struct source_file *files;
	size_t file_count, file_cap, next_file;
	char line[SOURCE_CHUNK_BYTES];
	uint8_t out[SOURCE_CHUNK_BYTES + 16];
};

/* With nothing but its mailbox; NULL: no memory. */
struct import_source *source_new(struct slice mailbox);
enum err source_open_err(void); /* what errno says of a file that cannot be opened */
/* A line of the file, or a piece of one that is very long; empty at the end. */
struct slice source_raw_line(struct import_source *s);
bool source_line_is_empty(struct slice line);
/* Reads the message in hand, which begins where the file stands, once for its size and hash, and goes
 * back to its beginning. */
enum err source_measure(struct import_source *s, struct import_message *m);

/* "From bob@example.org Thu Nov 23 07:06:41 2026": true only with a date in it, so that a sentence
 * that begins with From does not split a message. */
bool mbox_from_line(struct slice line, int64_t *date_out);
/* What other programs noted in the header of a message of an mbox: Status (Berkeley mail, mutt),
 * X-Status (pine), X-Mozilla-Status (Thunderbird). */
void mbox_status_line(struct slice line, struct import_message *m);

#endif
