/* An mbox: every message comes out as long as it was measured, with CRLF and nothing but CRLF where
 * lines end, and together they are not longer than the file with all its LF doubled. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/import_source.h"

static uint64_t fuzz_message(struct import_source *source)
{
	struct slice piece;
	uint64_t size = 0;
	uint8_t last = 0;
	for (;;) {
		if (import_source_read(source, &piece))
			abort();
		if (!piece.len)
			return size;
		for (size_t i = 0; i < piece.len; i++) {
			if (piece.ptr[i] == '\n' && last != '\r')
				abort();
			last = piece.ptr[i];
		}
		size += piece.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import_source *source = NULL;
	struct import_message m;
	char path[32];
	uint64_t all = 0;
	int fd = memfd_create("mbox", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	bool is_mboxrd = size && data[size - 1] & 1;
	if (!import_source_mbox(path, SLICE_LIT("INBOX"), is_mboxrd, &source)) {
		for (bool skip = false; !import_source_next(source, &m); skip = !skip) {
			if (!skip && fuzz_message(source) != m.size)
				abort();
			all += m.size;
		}
		if (all > 2 * size)
			abort();
		import_source_close(&source);
	}
	close(fd);
	return 0;
}
