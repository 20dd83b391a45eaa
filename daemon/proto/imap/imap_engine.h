/* imap_engine - what the parts of the IMAP engine tell each other. Handlers need none of it. */
#ifndef PROTO_IMAP_ENGINE_H
#define PROTO_IMAP_ENGINE_H

#include "proto/imap/imap_session.h"

/* Ends with a row without a name. */
extern const struct imap_verb imap_verbs[];

/* Reads tag and verb of what is in s->command: sets tag, lex and is_uid. Returns why the command
 * cannot be run now, or NULL with *verb_out set. */
const char *imap_recognise(struct imap_session *s, const struct imap_verb **verb_out);
/* Ends what is in s->command as a command of its own, with BAD. */
void imap_refuse(struct imap_session *s, const char *why);
/* True when s->command is an APPEND up to the announcement of its first message: that literal is
 * not gathered, the handler streams it. */
bool imap_append_begins_here(struct imap_session *s);

/* Moves the tagged reply behind the news, and says goodbye when that is due. */
void imap_put_tagged(struct imap_session *s);
/* "* BYE text": the session closes once it is sent. */
void imap_say_bye(struct imap_session *s, const char *text);
const char *imap_goodbye_text(enum goodbye why);

#endif
