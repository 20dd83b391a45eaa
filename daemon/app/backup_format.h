/* backup_format - what stands in an archive (BACKUP.md): names of records and files, and what they
 * say, for those who write and read it. */
#ifndef APP_BACKUP_FORMAT_H
#define APP_BACKUP_FORMAT_H

#include "app/tar.h"
#include "app/user.h"

enum { BACKUP_FORMAT = 1 };

#define BACKUP_ROOT "surel-backup"
#define BACKUP_KIND "SUREL.kind" /* manifest, settings, admin, user, mailbox, message, broken */
#define BACKUP_DEVICE "SUREL.device." /* and the label of an app password: its verifier */

/* "\Seen $Forwarded", by the names of this mailbox. */
MUST_CHECK enum err backup_flag_names(const struct keywords *keywords, flags_t flags,
                                      struct buf *dst);
/* One part of a path, behind a slash. It is neither "." nor "..", whatever the mailbox is called. */
MUST_CHECK enum err backup_path_part(struct slice part, struct buf *path);

/* The header of an entry in the making: what it says, and the first error on the way. Paths are like
 * "surel-backup/mail/alice/INBOX/0000000007.eml". */
struct entry_out {
	struct buf records, path, text;
	enum err err;
};
void entry_init(struct entry_out *e);
void entry_free(struct entry_out *e);
/* Begin it anew; then entry_add. */
void entry_file(struct entry_out *e, const char *kind, const char *path);
void entry_user(struct entry_out *e, const struct user *user);
void entry_box(struct entry_out *e, const char *user, const struct mailbox *box);
void entry_message(struct entry_out *e, const char *user, const struct mailbox *box,
                   const struct msg_info *info);
/* Appends it. mtime in seconds since 1970; the data of `size` octets follow. */
MUST_CHECK enum err entry_add(struct entry_out *e, enum tar_type type, uint64_t size,
                              int64_t mtime, struct buf *dst);

/* An entry of an archive, understood. Strings borrow from the reader, until its next entry. */
enum backup_kind {
	BACKUP_IS_OTHER, /* not ours, or from a later format: passed over */
	BACKUP_IS_MANIFEST,
	BACKUP_IS_SETTINGS,
	BACKUP_IS_ADMIN, /* the administrator's verifier */
	BACKUP_IS_USER,
	BACKUP_IS_BOX,
	BACKUP_IS_MESSAGE,
	BACKUP_IS_BROKEN, /* the message before it is not whole */
};
struct backup_entry {
	enum backup_kind kind;
	struct slice user, mailbox;
	struct slice verifier;      /* of a user */
	bool exists, is_subscribed; /* of a mailbox */
	uint32_t special_use;
	struct msg_id id;           /* of a message */
	int64_t internal_date;
	struct slice flags;
	uint32_t uid;
};
/* ERR_SYNTAX: an entry of ours that says too little, or nonsense. */
MUST_CHECK enum err backup_entry_read(const struct tar_reader *r, struct backup_entry *entry_out);
/* The system flag of this name, 0: it is a keyword. */
flags_t backup_system_flag(struct slice name);

#endif
