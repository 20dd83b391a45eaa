#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/update_container.h"
#include "base/file.h"

enum { KEY_MAX_BYTES = 4096 };

struct verify_words {
	const char *path, *key, *board;
	uint64_t offset;
};

static bool verify_words_read(const struct cli *cli, struct verify_words *w)
{
	for (size_t i = 2; i < cli->count; i++) {
		const char *word = cli->args[i];
		const char *value = i + 1 < cli->count ? cli->args[i + 1] : NULL;
		if (strncmp(word, "--", 2) != 0) {
			if (w->path)
				return false;
			w->path = word;
			continue;
		}
		i++;
		if (!value)
			return false;
		if (strcmp(word, "--key") == 0)
			w->key = value;
		else if (strcmp(word, "--board") == 0)
			w->board = value;
		else if (strcmp(word, "--offset") != 0 ||
			 slice_u64(slice_str(value), INT64_MAX / 2, &w->offset))
			return false;
	}
	return w->path && w->key && w->board;
}

static void verify_print(const struct update_head *h, uint64_t offset)
{
	uint64_t kernel = offset + UPDATE_HEAD_BYTES;
	printf("version=%s\nstore_format=%u\n", h->version, (unsigned)h->store_format);
	printf("kernel_offset=%llu\nkernel_size=%u\nroot_offset=%llu\nroot_size=%u\n",
	       (unsigned long long)kernel, (unsigned)h->kernel_size,
	       (unsigned long long)kernel + h->kernel_size, (unsigned)h->root_size);
}

static int system_verify(const struct cli *cli)
{
	struct verify_words w = {0};
	struct update_head head;
	struct buf key;
	if (!verify_words_read(cli, &w))
		return cli_usage(cli);
	buf_init(&key, KEY_MAX_BYTES);
	enum update_fault fault = UPDATE_NO_KEY;
	if (file_read(w.key, &key) == ERR_NONE && buf_add_byte(&key, 0) == ERR_NONE) {
		struct update_trust trust = {.key_pem = buf_view(&key), .board = w.board};
		int fd = open(w.path, O_RDONLY | O_CLOEXEC);
		fault = fd < 0 ? UPDATE_UNREADABLE : update_verify(fd, w.offset, &trust, &head);
		if (fd >= 0)
			close(fd);
	}
	buf_free(&key);
	if (fault)
		fprintf(stderr, "surel: %s: %s\n", w.path, update_fault_text(fault));
	else
		verify_print(&head, w.offset);
	return fault ? EXIT_FAILED : EXIT_OK;
}

int cli_system(const struct cli *cli)
{
	if (cli->count > 1 && strcmp(cli->args[1], "verify") == 0)
		return system_verify(cli);
	return cli_usage(cli);
}
