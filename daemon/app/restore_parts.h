/* restore_parts - inside a restore; for restore.c and restore_entry.c alone. */
#ifndef APP_RESTORE_PARTS_H
#define APP_RESTORE_PARTS_H

#include "app/backup_format.h"
#include "app/id_set.h"
#include "app/mail_walk.h"
#include "app/restore.h"
#include "proto/ingest.h"

enum restore_pending {
	RESTORE_NOTHING,
	RESTORE_COMMIT, /* the message before the entry in hand */
	RESTORE_ENTRY,  /* what the entry in hand begins with */
	RESTORE_DATA,
	RESTORE_CLOSE,
};

struct restore {
	struct appliance *app;
	struct restore_options options;
	enum restore_pending pending;
	bool has_entry, has_manifest, is_stopped, wants_pause;
	bool wants_text;
	struct buf data;      /* a piece on its way */
	struct buf text;      /* a small file of the archive */
	struct buf settings;
	struct backup_entry entry;
	/* The user in hand: his account is open, his messages are known. */
	struct account *account;
	struct id_set ids;
	bool is_listing;
	/* The message in hand. */
	bool is_sealed;
	struct ingest *in;
	struct msg_id id;
	uint64_t ticket;
	struct restore_report report;
	char owner[USER_NAME_MAX_BYTES + 1];
	struct tar_reader tar;
	struct mail_walk walk; /* lists the user's messages */
};

/* Makes what the entry in hand stands for, or begins its message. ERR_AGAIN. */
enum err restore_entry(struct restore *r, struct waiter *w);
enum err restore_entry_is_whole(struct restore *r);
enum err restore_settings(struct restore *r);
void restore_drop_message(struct restore *r);
void restore_leave(struct restore *r); /* the user in hand */
void restore_end_turn(struct restore *r); /* the next one may begin */

#endif
