/* update_container - a system update as it is shipped and as it lies in a slot.
 *
 * A header of UPDATE_HEAD_BYTES, text padded with NUL, and the payload behind it: a kernel, which
 * may be missing, then a packed root file system.
 *
 *	surel-update 1
 *	board=qemu-aarch64
 *	version=0.2.0
 *	store_format=2
 *	kernel_size=0
 *	root_size=1234567
 *	sha256=HEX of the payload
 *	signature=HEX
 *
 * The signature is ECDSA P-256 with SHA-256, DER, over the text in front of its line. Lines may
 * stand in any order but the signature's, which is last; keys that are not known are signed and
 * ignored. Nothing of a header is believed before its signature is right, and nothing of a payload
 * before its hash is. Memory does not grow with the update.
 *
 * The signature is checked on the loop's thread, as all of mbedTLS's public keys are; the payload's
 * hash may be made on any thread. */
#ifndef APP_UPDATE_CONTAINER_H
#define APP_UPDATE_CONTAINER_H

#include "app/update_medium.h"

enum {
	UPDATE_HEAD_BYTES = 1024,
	UPDATE_WORD_MAX_BYTES = 63, /* a board's name, a version: letters, digits, + - . _ ~ */
	UPDATE_PAYLOAD_MAX_BYTES = 256 * 1024 * 1024,
};

/* Why an update is refused, in the order in which it is found out. */
enum update_fault {
	UPDATE_GOOD = 0,
	UPDATE_UNREADABLE,   /* the medium failed */
	UPDATE_UNWRITABLE,
	UPDATE_FOREIGN,      /* not an update of Surel, or one that only a later Surel understands */
	UPDATE_MALFORMED,    /* a field is missing, doubled, too long or no number */
	UPDATE_NO_KEY,       /* the board's public key cannot be read, or is no P-256 key */
	UPDATE_UNSIGNED,     /* not signed with the board's key */
	UPDATE_OTHER_BOARD,
	UPDATE_OLD_STORE,    /* could not read the mail that this Surel writes */
	UPDATE_TOO_LARGE,    /* for its slot */
	UPDATE_CUT,          /* the payload ends early */
	UPDATE_DAMAGED,      /* the payload is not what was signed, or is longer */
	UPDATE_FAULTS,
};
const char *update_fault_name(enum update_fault fault); /* "cut": for the page's texts; static */
const char *update_fault_text(enum update_fault fault); /* a sentence for the tool; static */

struct update_head {
	char board[UPDATE_WORD_MAX_BYTES + 1], version[UPDATE_WORD_MAX_BYTES + 1];
	uint32_t store_format, kernel_size, root_size;
	uint8_t sha256[32];
};
static inline uint32_t update_payload_size(const struct update_head *h) /* of kernel and root */
{
	return h->kernel_size + h->root_size;
}

/* Below, equal or above zero, number by number: 0.9 < 0.10. Pure. */
int update_version_cmp(const char *a, const char *b);

/* What an update must satisfy. */
struct update_trust {
	struct slice key_pem;  /* the public key, with a NUL behind it that counts */
	const char *board;
	uint32_t store_format; /* 0: any */
	uint64_t room;         /* for header and payload; 0: any */
};
bool update_is_ours(struct slice bytes); /* as far as its first line tells */
/* `bytes` are the first UPDATE_HEAD_BYTES of it. */
MUST_CHECK enum update_fault update_head_read(struct slice bytes, const struct update_trust *trust,
                                              struct update_head *head_out);
/* The same without asking who signed it: for showing what lies somewhere. */
MUST_CHECK enum update_fault update_head_parse(struct slice bytes, struct update_head *head_out);

/* Blocks. What lies at this offset, all of it. */
MUST_CHECK enum update_fault update_verify(struct update_medium *m, uint64_t offset,
                                           const struct update_trust *trust,
                                           struct update_head *head_out);
/* The payload behind a header at this offset is what `head` says. Blocks; for any thread. */
MUST_CHECK enum update_fault update_verify_payload(struct update_medium *m, uint64_t offset,
                                                   const struct update_head *head);

#endif
