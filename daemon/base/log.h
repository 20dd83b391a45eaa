/* log - one line an event, to standard error or syslog (RFC 3164), rate-limited.
 *
 * An event is logged once, where it is handled, never with message text or credentials. `session`
 * is the number every connection gets; 0 means the daemon itself. Text is cleaned of control
 * bytes. Threads may log, and none waits for whoever takes the lines. The last lines are kept in
 * memory for the status page. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG, LOG_TO_NOBODY };

void log_open(enum log_target target, enum log_level level);
/* Tests: where the system's log takes datagrams, /dev/log unless said otherwise. */
void log_set_syslog(const char *path);
void log_set_level(enum log_level level);
void log_line(enum log_level level, uint32_t session, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Appends the newest lines that fit, oldest first, each ended by LF. */
MUST_CHECK enum err log_tail(struct buf *dst);

#define log_error(session, ...) log_line(LOG_LEVEL_ERROR, session, __VA_ARGS__)
#define log_warn(session, ...)  log_line(LOG_LEVEL_WARN, session, __VA_ARGS__)
#define log_info(session, ...)  log_line(LOG_LEVEL_INFO, session, __VA_ARGS__)
#define log_debug(session, ...) log_line(LOG_LEVEL_DEBUG, session, __VA_ARGS__)

#endif
