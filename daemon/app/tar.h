/* tar - the archive format of POSIX (ustar with pax records, IEEE Std 1003.1 pax): writing and reading.
 *
 * Both work on bytes in any pieces and do no I/O. The writer appends to a buffer; the reader is
 * pushed bytes and says what it found. Pax records ("27 SUREL.user=alice\n") carry what a header has
 * no room for; keys that a reader does not know it passes over. */
#ifndef APP_TAR_H
#define APP_TAR_H

#include "base/buf.h"

enum {
	TAR_BLOCK_BYTES = 512,
	TAR_PATH_MAX_BYTES = 2048,
	TAR_RECORDS_MAX_BYTES = 64 * 1024, /* of one entry */
};

enum tar_type { TAR_FILE = '0', TAR_DIRECTORY = '5' };

struct tar_header {
	enum tar_type type;
	struct slice path; /* UTF-8, relative */
	uint64_t size;     /* of the data that follows; 0 for a directory */
	int64_t mtime;     /* seconds since 1970; before that counts as 0 */
};

/* Appends one record. The value may hold anything but NUL. */
MUST_CHECK enum err tar_add_record(struct buf *records, const char *key, struct slice value);
/* Appends the blocks in front of an entry's data. A long path goes into a record by itself. */
MUST_CHECK enum err tar_add_header(struct buf *dst, const struct tar_header *header,
                                   struct slice records);
/* Octets that fill the last block of data of this size. */
size_t tar_padding(uint64_t size);
MUST_CHECK enum err tar_add_end(struct buf *dst);

enum tar_event {
	TAR_MORE,  /* all input is used up */
	TAR_ENTRY, /* reader->header and tar_record are the new entry's, until the next TAR_ENTRY */
	TAR_DATA,  /* a piece of the entry's data */
	TAR_CLOSE, /* the entry is whole */
	TAR_END,   /* the archive's end was there; what follows is not looked at */
	TAR_BAD,   /* not an archive, or damaged: final. reader->why says it */
};

struct tar_reader {
	struct tar_header header; /* only files and directories become an entry; the path is ours */
	uint64_t offset;          /* octets taken so far */
	const char *why;
	int state;
	uint64_t left;            /* of data or of records */
	size_t padding;
	uint8_t block[TAR_BLOCK_BYTES];
	size_t block_len;
	struct buf records, path;
	bool has_records;         /* they were read for the header to come */
	bool is_passed_over;      /* the entry in hand is neither file nor directory */
};

void tar_reader_init(struct tar_reader *r);
void tar_reader_free(struct tar_reader *r);
/* Takes bytes off the front of *input. Call again until TAR_MORE, TAR_END or TAR_BAD. *data_out is
 * set with TAR_DATA, and borrows from the input. */
enum tar_event tar_next(struct tar_reader *r, struct slice *input, struct slice *data_out);
/* Value of a record of the entry in hand; false when there is none. */
bool tar_record(const struct tar_reader *r, const char *key, struct slice *value_out);
/* All of them, one after the other: start with *rest = buf_view(&r->records). */
bool tar_next_record(struct slice *rest, struct slice *key_out, struct slice *value_out);
/* True between TAR_ENTRY and TAR_CLOSE, or inside a header: an end here is a cut. */
bool tar_is_inside(const struct tar_reader *r);

#endif
