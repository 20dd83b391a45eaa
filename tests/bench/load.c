/* load.c - puts one kind of load on a mail server and says how fast it was.
 *
 *	load KIND port=N [clients=N] [first=N] [users=N] [count=N] [seconds=S] [size=N] [box=NAME]
 *	     [items=FETCH-ITEMS] [key=SEARCH-KEY] [sync=DIR]
 *
 * Client i logs in, or delivers, as user u<first + i> with the password "secret", on 127.0.0.1;
 * with users=N the clients share the first N users. When all are prepared the program prints
 * "ready" and waits for a line on standard input, so that its caller can read the counters that it
 * compares; then it works, prints one line "NAME=VALUE ..." and waits for another line (or the end
 * of input) before it closes what it opened. Times are microseconds; units_per_s counts messages or
 * operations. */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/letters.h"
#include "bench/loads.h"

enum { CLIENTS_MAX = 256, COUNT_MAX = 1000000 };

struct worker {
	struct client client;
	pthread_t thread;
	double *took_us;
	unsigned steps;
	unsigned long long units;
};

static struct load_options options = {.clients = 1,
				      .first_user = 0,
				      .count = 100,
				      .seconds = 60,
				      .box = "INBOX",
				      .key = "ALL",
				      .items = "FLAGS"};
static pthread_barrier_t prepared, started, finished;
static double started_us;
static int sync_fd = -1;

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void wait_for(pthread_barrier_t *barrier)
{
	pthread_barrier_wait(barrier);
}

static unsigned steps_of(const struct client *c)
{
	bool is_short = c->load->is_once_through && c->exists < c->options->count;
	return is_short ? c->exists : c->options->count;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	struct client *c = &w->client;
	c->load->prepare(c);
	wait_for(&prepared);
	wait_for(&started);
	double until = started_us + options.seconds * 1e6, before = now_us();
	unsigned steps = steps_of(c);
	while (w->steps < steps && before < until) {
		w->units += c->load->step(c, w->steps);
		if (sync_fd >= 0 && syncfs(sync_fd) != 0)
			die("syncfs: %s", strerror(errno));
		double after = now_us();
		w->took_us[w->steps++] = after - before;
		before = after;
	}
	if (c->load->finish)
		c->load->finish(c);
	wait_for(&finished);
	return NULL;
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void report(const struct worker *workers, double seconds)
{
	unsigned long long units = 0, steps = 0, bytes = 0;
	for (unsigned i = 0; i < options.clients; i++) {
		units += workers[i].units;
		steps += workers[i].steps;
		bytes += workers[i].client.wire.bytes_in;
	}
	double *all = calloc(steps ? steps : 1, sizeof(*all));
	if (!all || !steps)
		die("nothing was done");
	size_t n = 0;
	for (unsigned i = 0; i < options.clients; i++) {
		memcpy(all + n, workers[i].took_us, workers[i].steps * sizeof(*all));
		n += workers[i].steps;
	}
	qsort(all, n, sizeof(*all), by_size);
	printf("steps=%llu units=%llu seconds=%.6f units_per_s=%.2f p50_us=%.1f p95_us=%.1f "
	       "p99_us=%.1f bytes_in=%llu hits=%u\n",
	       steps, units, seconds, (double)units / seconds, all[n / 2], all[n * 95 / 100],
	       all[n * 99 / 100], bytes, workers[0].client.hits);
	fflush(stdout);
	free(all);
}

static void wait_for_caller(void)
{
	for (int c = getchar(); c != '\n' && c != EOF;)
		c = getchar();
}

static unsigned number(const char *text, unsigned max)
{
	char *rest;
	unsigned long n = strtoul(text, &rest, 10);
	if (*rest || rest == text || n > max)
		die("\"%s\" is no number up to %u", text, max);
	return (unsigned)n;
}

static void read_option(const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals)
		die("\"%s\" is not NAME=VALUE", word);
	const char *value = equals + 1;
	size_t n = (size_t)(equals - word);
#define IS(name) (n == sizeof(name) - 1 && memcmp(word, name, n) == 0)
	if (IS("port"))
		options.port = number(value, 65535);
	else if (IS("clients"))
		options.clients = number(value, CLIENTS_MAX);
	else if (IS("first"))
		options.first_user = number(value, 100000);
	else if (IS("users"))
		options.users = number(value, CLIENTS_MAX);
	else if (IS("count"))
		options.count = number(value, COUNT_MAX);
	else if (IS("seconds"))
		options.seconds = strtod(value, NULL);
	else if (IS("size"))
		options.letter_size = number(value, 1u << 24);
	else if (IS("box"))
		options.box = value;
	else if (IS("items"))
		options.items = value;
	else if (IS("key"))
		options.key = value;
	else if (IS("sync"))
		options.sync_path = value;
	else
		die("there is no option \"%s\"", word);
#undef IS
}

static struct worker *start_workers(const struct load *load)
{
	struct worker *workers = calloc(options.clients, sizeof(*workers));
	unsigned users = options.users ? options.users : options.clients;
	if (!workers)
		die("no memory");
	for (unsigned i = 0; i < options.clients; i++) {
		struct worker *w = &workers[i];
		w->client = (struct client){.options = &options,
					    .load = load,
					    .index = i,
					    .user = options.first_user + i % users};
		w->took_us = calloc(options.count, sizeof(*w->took_us));
		if (!w->took_us || pthread_create(&w->thread, NULL, work, w) != 0)
			die("cannot start client %u", i);
	}
	return workers;
}

static void free_workers(struct worker *workers)
{
	for (unsigned i = 0; i < options.clients; i++) {
		pthread_join(workers[i].thread, NULL);
		if (workers[i].client.is_open)
			wire_close(&workers[i].client.wire);
		free(workers[i].took_us);
	}
	free(workers);
}

int main(int argc, char **argv)
{
	const struct load *load = argc > 1 ? load_find(argv[1]) : NULL;
	if (!load)
		die("usage: load KIND port=N [NAME=VALUE]...");
	for (int i = 2; i < argc; i++)
		read_option(argv[i]);
	if (!options.port || !options.clients || !options.count)
		die("port, clients and count must not be 0");
	if (options.sync_path) {
		sync_fd = open(options.sync_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (sync_fd < 0)
			die("%s: %s", options.sync_path, strerror(errno));
	}
	letters_make(options.letter_size);
	pthread_barrier_init(&prepared, NULL, options.clients + 1);
	pthread_barrier_init(&started, NULL, options.clients + 1);
	pthread_barrier_init(&finished, NULL, options.clients + 1);
	struct worker *workers = start_workers(load);
	wait_for(&prepared);
	puts("ready");
	fflush(stdout);
	wait_for_caller();
	started_us = now_us();
	wait_for(&started);
	wait_for(&finished);
	report(workers, (now_us() - started_us) / 1e6);
	wait_for_caller();
	free_workers(workers);
	return 0;
}
