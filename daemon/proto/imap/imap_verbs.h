/* imap_verbs - the handlers that imap_session.h does not name, by file. For the verb table. */
#ifndef PROTO_IMAP_VERBS_H
#define PROTO_IMAP_VERBS_H

#include "proto/imap/imap_session.h"

/* imap_capability.c: any state */
enum step imap_run_capability(struct imap_session *s);
enum step imap_run_enable(struct imap_session *s);
enum step imap_run_id(struct imap_session *s);
enum step imap_run_namespace(struct imap_session *s);
enum step imap_run_noop(struct imap_session *s); /* NOOP, CHECK */
enum step imap_run_logout(struct imap_session *s);
/* Writes "CAPABILITY IMAP4rev1 ..." as it is true now, without brackets or line ending. */
void imap_write_capabilities(struct imap_session *s, struct imap_out *o);

/* imap_auth.c: not authenticated */
enum step imap_run_starttls(struct imap_session *s);
enum step imap_run_login(struct imap_session *s);
enum step imap_run_authenticate(struct imap_session *s);

/* imap_select.c, imap_close.c */
enum step imap_run_select(struct imap_session *s);
enum step imap_run_examine(struct imap_session *s);
enum step imap_run_close(struct imap_session *s);
enum step imap_run_unselect(struct imap_session *s);

/* imap_box.c */
enum step imap_run_create(struct imap_session *s);
enum step imap_run_delete(struct imap_session *s);
enum step imap_run_rename(struct imap_session *s);
enum step imap_run_subscribe(struct imap_session *s);
enum step imap_run_unsubscribe(struct imap_session *s);

/* imap_list.c, imap_status.c */
enum step imap_run_list(struct imap_session *s);
enum step imap_run_lsub(struct imap_session *s);
enum step imap_run_status(struct imap_session *s);

/* imap_idle.c */
enum step imap_run_idle(struct imap_session *s);
void      imap_idle_init(struct imap_session *s, struct loop *loop);

#endif
