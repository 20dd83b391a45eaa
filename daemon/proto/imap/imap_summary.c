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

/* All of the message into the builder, in pieces. */
static enum err build(struct imap_session *s, struct imap_summary *m, const struct msg_info *info)
{
	enum err err = ERR_NONE;
	while (!err && m->at < info->size) {
		uint8_t piece[READ_PIECE_BYTES];
		size_t n = sizeof(piece);
		err = imap_read(s, info, m->at, piece, &n);
		if (!err)
			err = summary_push(m->builder, slice_of(piece, n));
		if (!err) {
			m->at += n;
			err = imap_pause(s);
		}
	}
	if (err == ERR_AGAIN)
		return err;
	buf_clear(&m->blob);
	if (!err)
		err = summary_finish(m->builder, &m->blob);
	summary_free(&m->builder);
	if (!err)
		err = summary_open(buf_view(&m->blob), &m->summary);
	if (!err)
		m->uid = info->uid;
	return err;
}

enum err imap_summary_load(struct imap_session *s, struct imap_summary *m,
			   const struct msg_info *info)
{
	if (m->uid == info->uid)
		return ERR_NONE;
	if (m->builder)
		return build(s, m, info);
	m->uid = 0;
	buf_clear(&m->blob);
	enum err err = read_stored(s, m, info);
	/* A damaged summary is no reason to refuse the message itself. */
	if (err && err != ERR_CORRUPT)
		return err;
	if (!err && open_stored(m, info)) {
		m->uid = info->uid;
		return ERR_NONE;
	}
	m->at = 0;
	err = summary_new(&m->builder);
	return err ? err : build(s, m, info);
}
