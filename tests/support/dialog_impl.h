/* dialog_impl.h - what the files of dialog share; for dialog*.c alone.
 *
 *   dialog.c        conversations, files, main
 *   dialog_world.c  what there is around them: users, mail, policies, and what must have become of it
 */
#ifndef TESTS_SUPPORT_DIALOG_IMPL_H
#define TESTS_SUPPORT_DIALOG_IMPL_H

#include "support/dialog.h"
#include "support/dialog_match.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { DIALOG_PEERS = 9, DIALOG_IN_MAX = 64 * 1024, DIALOG_FILE_MAX = 4 * 1024 * 1024 };

struct dialog_mode {
	const char *name;
	size_t read_chunk, take_chunk;
	bool is_delayed;
};

struct dialog {
	const char *path;
	const struct dialog_mode *mode;
	const struct dialog_service *services;
	size_t service_count;
	const char *service;
	struct slice rest; /* of the file */
	unsigned line;
	struct loop *loop;
	struct fake_host fake;
	struct peer peers[DIALOG_PEERS];
	bool is_open[DIALOG_PEERS];
	bool is_over_limit;
	char address[64];
	int64_t age_s; /* of mail that is added */
	struct dialog_vars vars;
	bool has_failed;
};

/* dialog_world.c */
void dialog_fail(struct dialog *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct slice dialog_next_line(struct dialog *d);
uint32_t dialog_number(struct dialog *d, struct slice *rest);
/* Lets the connections' business come to rest before somebody looks from outside. */
void dialog_settle(struct dialog *d);
/* False: the word is no directive. */
bool dialog_direct(struct dialog *d, struct slice word, struct slice rest);

#endif
