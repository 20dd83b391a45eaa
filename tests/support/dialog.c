#include "support/dialog_impl.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"

static const struct dialog_mode dialog_modes[] = {
	{"whole", 0, 0, false},        {"whole, delayed", 0, 0, true},
	{"byte by byte", 1, 0, false}, {"byte by byte, delayed", 1, 0, true},
	{"slow reader", 0, 7, false},  {"slow reader, delayed", 0, 7, true},
};

/* --- the conversation ------------------------------------------------------------------------- */

static struct peer *dialog_peer(struct dialog *d, size_t number)
{
	struct peer *peer = &d->peers[number];
	if (d->is_open[number])
		return peer;
	for (size_t i = 0; i < d->service_count; i++) {
		const struct dialog_service *service = &d->services[i];
		if (strcmp(service->name, d->service))
			continue;
		peer_open(peer, d->loop, DIALOG_IN_MAX);
		peer_set_address(peer, d->address);
		peer->read_chunk = d->mode->read_chunk;
		peer->take_chunk = d->mode->take_chunk;
		d->is_open[number] = true;
		service->start(&d->fake.host, peer->stream, service->service, d->is_over_limit);
		d->is_over_limit = false;
		return peer;
	}
	dialog_fail(d, "no such service: %s", d->service);
	return peer;
}

static void dialog_send(struct dialog *d, struct peer *peer, char how, struct slice text)
{
	struct buf bytes;
	buf_init(&bytes, DIALOG_FILE_MAX);
	uint32_t times = how == '*' ? dialog_number(d, &text) : 1;
	if (how == '*')
		text = slice_from(text, 1);
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < times && !err; i++)
		err = dialog_expand(text, how != ':', &d->vars, &bytes);
	if (!err && how == ':')
		err = buf_add_str(&bytes, "\r\n");
	if (err)
		dialog_fail(d, "cannot send that: %s", err_name(err));
	else
		peer_send(peer, buf_view(&bytes));
	buf_free(&bytes);
}

/* The next line the server has said, without CRLF; it stays in peer->got. False: there is none. */
static bool dialog_hear(struct peer *peer, struct slice *line_out)
{
	for (unsigned quiet = 0; quiet < 16;) {
		struct slice got = buf_view(&peer->got);
		size_t end = slice_find(got, SLICE_LIT("\r\n"));
		if (end != SIZE_MAX) {
			*line_out = slice_upto(got, end);
			return true;
		}
		quiet = peer_turn(peer) ? 0 : quiet + 1;
	}
	return false;
}

static bool dialog_is_match(struct dialog *d, char how, struct slice pattern, struct slice line)
{
	char regex[1024];
	if (how != '~')
		return dialog_match(pattern, line, &d->vars);
	return !slice_to_str(pattern, regex, sizeof(regex)) && dialog_match_regex(regex, line);
}

static void dialog_expect(struct dialog *d, struct peer *peer, char how, struct slice pattern)
{
	struct slice line;
	while (dialog_hear(peer, &line)) {
		bool matches = dialog_is_match(d, how, pattern, line);
		if (!matches && how != '+')
			dialog_fail(d, "the server says: " SLICE_FMT, SLICE_ARG(line));
		buf_consume(&peer->got, line.len + 2);
		if (matches || how != '+')
			return;
	}
	dialog_fail(d, "the server %s" SLICE_FMT,
		    peer->got.len          ? "does not end its line: "
		    : peer_is_closed(peer) ? "has closed the connection"
					   : "says nothing",
		    SLICE_ARG(buf_view(&peer->got)));
}

static void dialog_expect_nothing(struct dialog *d, struct peer *peer)
{
	peer_settle(peer);
	if (peer->got.len)
		dialog_fail(d, "the server says: " SLICE_FMT, SLICE_ARG(buf_view(&peer->got)));
}

static void dialog_expect_closed(struct dialog *d, struct peer *peer)
{
	dialog_expect_nothing(d, peer);
	if (!peer_is_closed(peer))
		dialog_fail(d, "the server has not closed");
}

/* "C2>": letter, connection, how. False when it is none of these. */
static bool dialog_is_turn(struct slice word, char *who_out, size_t *peer_out, char *how_out)
{
	*peer_out = 0;
	if (word.len < 2 || word.len > 3 || (word.ptr[0] != 'C' && word.ptr[0] != 'S'))
		return false;
	if (word.len == 3) {
		if (word.ptr[1] < '1' || word.ptr[1] > '0' + DIALOG_PEERS)
			return false;
		*peer_out = (size_t)(word.ptr[1] - '1');
	}
	*who_out = (char)word.ptr[0];
	*how_out = (char)word.ptr[word.len - 1];
	return strchr(*who_out == 'C' ? ":>*" : ":~+!", *how_out) != NULL;
}

/* "EOF", "RESET", "CLOSED", with the connection's number behind it. */
static bool dialog_is_event(struct slice word, const char *name, size_t *peer_out)
{
	*peer_out = 0;
	if (!slice_starts(word, slice_str(name)))
		return false;
	struct slice number = slice_from(word, strlen(name));
	if (number.len == 1 && number.ptr[0] >= '1' && number.ptr[0] <= '0' + DIALOG_PEERS)
		*peer_out = (size_t)(number.ptr[0] - '1');
	return number.len == 0 || number.len == 1;
}

/* Whatever the server still says must have been heard. */
static void dialog_hang_up(struct dialog *d, size_t number)
{
	struct peer *peer = &d->peers[number];
	if (!d->is_open[number])
		return;
	peer_settle(peer);
	if (peer->got.len)
		dialog_fail(d, "at the end the server says: " SLICE_FMT,
			    SLICE_ARG(buf_view(&peer->got)));
	peer_close(peer);
	d->is_open[number] = false;
}

static void dialog_run_line(struct dialog *d, struct slice line)
{
	struct slice rest = line;
	struct slice word = slice_word(&rest);
	struct slice text = slice_from(line, word.len + 1);
	size_t peer;
	char who, how;
	if (dialog_direct(d, word, rest))
		return;
	if (dialog_is_turn(word, &who, &peer, &how)) {
		struct peer *p = dialog_peer(d, peer);
		if (d->has_failed)
			return;
		if (who == 'C')
			dialog_send(d, p, how, text);
		else if (how == '!')
			dialog_expect_nothing(d, p);
		else
			dialog_expect(d, p, how, text);
	} else if (dialog_is_event(word, "EOF", &peer)) {
		peer_half_close(dialog_peer(d, peer));
	} else if (dialog_is_event(word, "RESET", &peer)) {
		dialog_settle(d);
		peer_reset(dialog_peer(d, peer));
		dialog_settle(d);
	} else if (dialog_is_event(word, "AGAIN", &peer)) {
		dialog_hang_up(d, peer);
	} else if (dialog_is_event(word, "CLOSED", &peer)) {
		dialog_expect_closed(d, dialog_peer(d, peer));
	} else {
		dialog_fail(d, "not a line of a dialogue: " SLICE_FMT, SLICE_ARG(line));
	}
}

/* --- files ------------------------------------------------------------------------------------ */

static void dialog_close(struct dialog *d)
{
	for (size_t i = 0; i < DIALOG_PEERS; i++)
		dialog_hang_up(d, i);
	if (d->fake.session_count)
		dialog_fail(d, "%zu sessions are left", d->fake.session_count);
	fake_host_free(&d->fake);
	loop_free(&d->loop);
}

static bool dialog_replay(const char *path, struct slice text, const char *service,
			  const struct dialog_mode *mode, const struct dialog_service *services,
			  size_t service_count)
{
	struct dialog d = {
		.path = path,
		.mode = mode,
		.services = services,
		.service_count = service_count,
		.service = service,
		.rest = text,
		.address = "127.0.0.1",
	};
	clock_freeze(1000 * 1000, 1790000000);
	if (loop_new(&d.loop)) {
		printf("%s: no loop\n", path);
		return false;
	}
	fake_host_init(&d.fake, d.loop);
	d.fake.is_delayed = mode->is_delayed;
	while (d.rest.len && !d.has_failed) {
		struct slice line = dialog_next_line(&d);
		if (line.len && line.ptr[0] != '#')
			dialog_run_line(&d, line);
	}
	dialog_close(&d);
	clock_thaw();
	return !d.has_failed;
}

static bool dialog_replay_file(const char *path, const struct dialog_service *services,
			       size_t service_count)
{
	char service[64] = "";
	struct slice dirs = slice_upto(slice_str(path), slice_rfind_byte(slice_str(path), '/'));
	size_t slash = slice_rfind_byte(dirs, '/');
	struct slice dir = slash == SIZE_MAX ? dirs : slice_from(dirs, slash + 1);
	FILE *file = fopen(path, "rb");
	char *text = malloc(DIALOG_FILE_MAX);
	bool passed = file && text && !slice_to_str(dir, service, sizeof(service));
	if (passed) {
		size_t len = fread(text, 1, DIALOG_FILE_MAX, file);
		for (size_t i = 0; i < sizeof(dialog_modes) / sizeof(dialog_modes[0]); i++)
			passed &= dialog_replay(path, slice_of(text, len), service,
						&dialog_modes[i], services, service_count);
	} else {
		printf("%s: cannot be read\n", path);
	}
	if (file)
		fclose(file);
	free(text);
	return passed;
}

static int dialog_is_text(const struct dirent *entry)
{
	return slice_ends_nocase(slice_str(entry->d_name), ".txt");
}

static void dialog_replay_dir(const char *dir, const struct dialog_service *services, size_t count,
			      unsigned *passed, unsigned *failed)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, dialog_is_text, alphasort);
	for (int i = 0; i < n; i++) {
		char path[1024];
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (dialog_replay_file(path, services, count))
			(*passed)++;
		else
			(*failed)++;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static bool path_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int dialog_main(int argc, char **argv, const struct dialog_service *services, size_t count)
{
	unsigned passed = 0, failed = 0;
	const char *root = argc < 2 ? "tests/dialog" : argv[1];
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	if (path_is_dir(root)) {
		for (size_t i = 0; i < count; i++) {
			char dir[512];
			snprintf(dir, sizeof(dir), "%s/%s", root, services[i].name);
			dialog_replay_dir(dir, services, count, &passed, &failed);
		}
	} else {
		for (int i = 1; i < argc; i++) {
			if (dialog_replay_file(argv[i], services, count))
				passed++;
			else
				failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return passed && !failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
