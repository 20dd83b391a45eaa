#include "app/archive_session.h"

#include <stdio.h>

#include "app/backup.h"

struct backup_session {
	struct long_session base; /* first */
	struct backup *backup;
	struct slice rest; /* of the piece in hand */
};

static struct backup_session *session_of(struct long_session *s)
{
	return (struct backup_session *)(void *)s;
}

static void backup_session_free(struct long_session *base)
{
	backup_free(&session_of(base)->backup);
}

static void backup_session_stop(struct long_session *base, const char *why)
{
	long_session_say(base, "E", slice_str(why));
}

static void backup_report(struct backup_session *s)
{
	struct backup_count count;
	char text[160];
	backup_count(s->backup, &count);
	snprintf(text, sizeof(text), "%llu messages of %llu users%s",
		 (unsigned long long)count.messages, (unsigned long long)count.users,
		 count.broken ? "; some could not be read, see the log" : "");
	long_session_say(&s->base, ".", slice_str(text));
}

static enum step backup_session_step(struct long_session *base)
{
	struct backup_session *s = session_of(base);
	size_t room = stream_room(base->stream);
	if (!room)
		return STEP_MORE;
	if (!s->rest.len) {
		enum err err = backup_next(s->backup, &s->rest, &base->errand.waiter);
		if (err == ERR_AGAIN)
			return STEP_MORE;
		if (!err && s->rest.len)
			return STEP_DONE;
		if (err)
			backup_session_stop(base, err_text(err));
		else
			backup_report(s);
		return STEP_BAD;
	}
	size_t most = room < ARCHIVE_PIECE_BYTES ? room : ARCHIVE_PIECE_BYTES;
	struct slice piece = slice_upto(s->rest, most);
	s->rest = slice_from(s->rest, piece.len);
	long_session_say(base, "D", piece);
	return STEP_DONE;
}

static enum step backup_session_begin(struct long_session *base, const char *user)
{
	struct backup_session *s = session_of(base);
	struct backup_options options = {.form = BACKUP_TAR, .user = *user ? user : NULL};
	enum err err = backup_new(base->errand.app, &options, &s->backup);
	if (err) {
		backup_session_stop(base, err == ERR_NOT_FOUND ? "no such user" : err_text(err));
		return STEP_BAD;
	}
	base->errand.owner = backup_owner(s->backup);
	return STEP_DONE;
}

const struct long_command long_backup = {.verb = "backup",
					 .words = 2,
					 .bytes = sizeof(struct backup_session),
					 .begin = backup_session_begin,
					 .step = backup_session_step,
					 .stop = backup_session_stop,
					 .free = backup_session_free};
