#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>

#include "base/clock.h"

enum {
	LOG_TAIL_BYTES = 8 * 1024,
	LOG_LINE_BYTES = 512,
	LOG_LINES_PER_SECOND = 200, /* more than any healthy day; a flood must not fill a disk */
};

static struct {
	pthread_mutex_t lock;
	enum log_target target;
	enum log_level level;
	uint64_t second;        /* rate limit window */
	unsigned lines, dropped;
	char tail[LOG_TAIL_BYTES]; /* ring of finished lines */
	size_t tail_end;
	bool tail_wrapped;
} the_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_LEVEL_INFO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const int level_syslog[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

void log_open(enum log_target target, enum log_level level)
{
	the_log.target = target;
	the_log.level = level;
	if (target == LOG_TO_SYSLOG)
		openlog("surel", LOG_PID, LOG_MAIL);
}

void log_set_level(enum log_level level)
{
	the_log.level = level;
}

static void tail_add(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		the_log.tail[the_log.tail_end] = line[i];
		the_log.tail_end = (the_log.tail_end + 1) % LOG_TAIL_BYTES;
		the_log.tail_wrapped |= the_log.tail_end == 0;
	}
}

enum err log_tail(struct buf *dst)
{
	pthread_mutex_lock(&the_log.lock);
	enum err err = ERR_NONE;
	struct slice old = the_log.tail_wrapped
	                           ? slice_of(the_log.tail + the_log.tail_end,
	                                      LOG_TAIL_BYTES - the_log.tail_end)
	                           : SLICE_EMPTY;
	struct slice young = slice_of(the_log.tail, the_log.tail_end);
	size_t first = slice_find_byte(old, '\n'); /* the oldest line was cut by the ring */
	if (the_log.tail_wrapped)
		old = first == SIZE_MAX ? SLICE_EMPTY : slice_from(old, first + 1);
	err = buf_add_slice(dst, old);
	if (!err)
		err = buf_add_slice(dst, young);
	pthread_mutex_unlock(&the_log.lock);
	return err;
}

/* True when this line may go out; counts those that may not. */
static bool log_within_rate(void)
{
	uint64_t second = clock_mono_ms() / 1000;
	if (second != the_log.second) {
		the_log.second = second;
		the_log.lines = 0;
	}
	if (the_log.lines++ < LOG_LINES_PER_SECOND)
		return true;
	the_log.dropped++;
	return false;
}

static void log_emit(enum log_level level, const char *line, size_t n)
{
	char stamped[LOG_LINE_BYTES + 64];
	time_t now = (time_t)clock_wall_s();
	struct tm tm;
	gmtime_r(&now, &tm);
	size_t at = strftime(stamped, 32, "%Y-%m-%dT%H:%M:%SZ ", &tm);
	int m = snprintf(stamped + at, sizeof(stamped) - at, "%s: %.*s\n", level_names[level], (int)n,
	                 line);
	size_t len = at + (m > 0 ? (size_t)m : 0);
	tail_add(stamped, len);
	if (the_log.target == LOG_TO_SYSLOG)
		syslog(level_syslog[level], "%.*s", (int)n, line);
	else if (the_log.target == LOG_TO_STDERR)
		fwrite(stamped, 1, len, stderr);
}

static void log_clean(char *line)
{
	for (; *line; line++)
		if ((unsigned char)*line < 32 || *line == 127)
			*line = '?';
}

void log_line(enum log_level level, uint32_t session, const char *fmt, ...)
{
	char line[LOG_LINE_BYTES];
	if (level > the_log.level)
		return;
	int at = session ? snprintf(line, sizeof(line), "[%u] ", session) : 0;
	va_list args;
	va_start(args, fmt);
	vsnprintf(line + at, sizeof(line) - (size_t)at, fmt, args);
	va_end(args);
	log_clean(line);

	pthread_mutex_lock(&the_log.lock);
	if (log_within_rate()) {
		if (the_log.dropped) {
			char note[64];
			int n = snprintf(note, sizeof(note), "%u log lines dropped", the_log.dropped);
			the_log.dropped = 0;
			log_emit(LOG_LEVEL_WARN, note, (size_t)n);
		}
		log_emit(level, line, strlen(line));
	}
	pthread_mutex_unlock(&the_log.lock);
}
