#include "proto/imap/imap_summary.h"

enum {
	READ_FIRST_BYTES = 4 * 1024,  /* holds an ordinary summary whole */
	READ_PIECE_BYTES = 16 * 1024, /* of a message that must be parsed */
};

void imap_summary_init(struct imap_summary *m)
{
	*m = (struct imap_summary){0};
	buf_init(&m->blob, SUMMARY_MAX_BYTES);
}

void imap_summary_free(struct imap_summary *m)
{
	summary_free(&m->builder);
	buf_free(&m->blob);
}

/* All of the stored summary into the buffer. */
static enum err read_stored(struct imap_session *s, struct imap_summary *m,
			    const struct msg_info *info)
{
	size_t piece = READ_FIRST_BYTES, got = piece;
	while (got == piece && buf_left(&m->blob)) {
		uint8_t *room = NULL;
		piece = m->blob.len ? READ_PIECE_BYTES : READ_FIRST_BYTES;
		if (piece > buf_left(&m->blob))
			piece = buf_left(&m->blob);
		enum err err = buf_reserve(&m->blob, piece, &room);
		if (!err)
			err = mailbox_read(s->view.box, info, MSG_SUMMARY, m->blob.len, room, piece,
					   &got, &s->base.waiter);
		if (err)
			return err;
		buf_commit(&m->blob, got);
	}
	return ERR_NONE;
}

static bool open_stored(struct imap_summary *m, const struct msg_info *info)
{
	return m->blob.len && !summary_open(buf_view(&m->blob), &m->summary) &&
	       m->summary.size == info->size;
}

/* One piece of the message into the builder; ERR_NOT_FOUND at its end. */
static enum err build_piece(struct imap_session *s, struct imap_summary *m,
			    const struct msg_info *info)
{
	uint8_t piece[READ_PIECE_BYTES];
	size_t got = 0;
	if (m->at >= info->size)
		return ERR_NOT_FOUND;
	enum err err = mailbox_read(s->view.box, info, MSG_BODY, m->at, piece, sizeof(piece), &got,
				    &s->base.waiter);
	if (err)
		return err;
	if (!got)
		return ERR_CORRUPT; /* shorter than its entry says */
	err = summary_push(m->builder, slice_of(piece, got));
	if (!err)
		m->at += got;
	return err;
}

static enum step build(struct imap_session *s, struct imap_summary *m, const struct msg_info *info,
		       enum err *err_out)
{
	while (!(*err_out = build_piece(s, m, info)))
		if (imap_must_pause(s))
			return STEP_MORE;
	if (*err_out == ERR_AGAIN)
		return STEP_MORE;
	if (*err_out == ERR_NOT_FOUND) {
		buf_clear(&m->blob);
		*err_out = summary_finish(m->builder, &m->blob);
	}
	summary_free(&m->builder);
	if (!*err_out)
		*err_out = summary_open(buf_view(&m->blob), &m->summary);
	if (*err_out)
		return STEP_BAD;
	m->uid = info->uid;
	return STEP_DONE;
}

enum step imap_summary_load(struct imap_session *s, struct imap_summary *m,
			    const struct msg_info *info, enum err *err_out)
{
	if (m->uid == info->uid)
		return STEP_DONE;
	if (m->builder)
		return build(s, m, info, err_out);
	m->uid = 0;
	buf_clear(&m->blob);
	*err_out = read_stored(s, m, info);
	if (*err_out == ERR_AGAIN)
		return STEP_MORE;
	/* A damaged summary is no reason to refuse the message itself. */
	if (*err_out && *err_out != ERR_CORRUPT)
		return STEP_BAD;
	if (!*err_out && open_stored(m, info)) {
		m->uid = info->uid;
		return STEP_DONE;
	}
	m->at = 0;
	*err_out = summary_new(&m->builder);
	return *err_out ? STEP_BAD : build(s, m, info, err_out);
}
