#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"

enum {
	LOG_TAIL_BYTES = 8 * 1024,
	LOG_LINE_BYTES = 512,
	LOG_LINES_PER_SECOND = 200, /* more than any healthy day; a flood must not fill a disk */
};

static struct {
	struct lock lock;
	enum log_target target;
	_Atomic enum log_level level; /* looked at without the lock */
	uint64_t second;              /* rate limit window */
	unsigned lines, dropped;
	size_t tail_end;
	bool tail_wrapped;
	int syslog_fd;
	struct sockaddr_un syslog;
} the_log = {.level = LOG_LEVEL_INFO, .syslog_fd = -1, .syslog = {AF_UNIX, "/dev/log"}};

/* Before main: whoever logs first need not be the only thread any more. */
__attribute__((constructor)) static void log_prepare(void)
{
	lock_init(&the_log.lock);
}

/* A ring of finished lines. By itself, as zeroes: it costs nothing in the file. */
static char log_ring[LOG_TAIL_BYTES];

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const int level_syslog[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

void log_open(enum log_target target, enum log_level level)
{
	the_log.target = target;
	the_log.level = level;
	if (target == LOG_TO_SYSLOG && the_log.syslog_fd < 0)
		the_log.syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

void log_set_syslog(const char *path)
{
	snprintf(the_log.syslog.sun_path, sizeof(the_log.syslog.sun_path), "%s", path);
}

void log_set_level(enum log_level level)
{
	the_log.level = level;
}

static void tail_add(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		log_ring[the_log.tail_end] = line[i];
		the_log.tail_end = (the_log.tail_end + 1) % LOG_TAIL_BYTES;
		the_log.tail_wrapped |= the_log.tail_end == 0;
	}
}

/* The newest whole lines of at most `room` bytes. */
static struct slice tail_newest(struct slice lines, size_t room)
{
	if (lines.len <= room)
		return lines;
	struct slice fit = slice_from(lines, lines.len - room - 1); /* may begin with an LF */
	size_t cut = slice_find_byte(fit, '\n');
	return slice_from(fit, cut == SIZE_MAX ? fit.len : cut + 1);
}

enum err log_tail(struct buf *dst)
{
	char all[LOG_TAIL_BYTES];
	size_t n = 0;
	lock_take(&the_log.lock);
	bool is_full = the_log.tail_wrapped;
	if (is_full) {
		n = LOG_TAIL_BYTES - the_log.tail_end;
		memcpy(all, log_ring + the_log.tail_end, n);
	}
	memcpy(all + n, log_ring, the_log.tail_end);
	n += the_log.tail_end;
	lock_give(&the_log.lock);
	/* Of a full ring the oldest line may be cut. */
	size_t room = is_full ? LOG_TAIL_BYTES - 1 : LOG_TAIL_BYTES;
	return buf_add_slice(
		dst, tail_newest(slice_of(all, n), buf_left(dst) < room ? buf_left(dst) : room));
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

/* RFC 3164 4.1 without a time: whoever takes it adds his own (4.3.2). The C library's would wait for
 * him when he is slow. */
static void log_to_syslog(enum log_level level, const char *line, size_t n)
{
	char text[LOG_LINE_BYTES + 32];
	int m = snprintf(text, sizeof(text), "<%d>surel[%d]: %.*s", LOG_MAIL | level_syslog[level],
			 (int)getpid(), (int)n, line);
	if (m > 0)
		(void)!sendto(the_log.syslog_fd, text, (size_t)m, MSG_NOSIGNAL,
			      (const struct sockaddr *)&the_log.syslog, sizeof(the_log.syslog));
}

static void log_emit(enum log_level level, const char *line, size_t n)
{
	char stamp[CLOCK_STAMP_BYTES], stamped[LOG_LINE_BYTES + 64];
	time_t now = (time_t)clock_wall_s();
	struct tm tm;
	gmtime_r(&now, &tm);
	clock_stamp(&tm, stamp);
	int m = snprintf(stamped, sizeof(stamped), "%.19sZ %s: %.*s\n", stamp, level_names[level],
			 (int)n, line);
	size_t len = m > 0 ? (size_t)m : 0;
	tail_add(stamped, len);
	if (the_log.target == LOG_TO_SYSLOG)
		log_to_syslog(level, line, n);
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

	lock_take(&the_log.lock);
	if (log_within_rate()) {
		if (the_log.dropped) {
			char note[64];
			int n = snprintf(note, sizeof(note), "%u log lines dropped",
					 the_log.dropped);
			the_log.dropped = 0;
			log_emit(LOG_LEVEL_WARN, note, (size_t)n);
		}
		log_emit(level, line, strlen(line));
	}
	lock_give(&the_log.lock);
}
