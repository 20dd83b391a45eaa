/* replay - feeds kept inputs to a fuzz target, one after the other, without a fuzzer.
 *
 * Linked to each tests/fuzz/fuzz_*.c in place of libFuzzer, so that `make test` shows at once when
 * an input that once broke a parser breaks it again. Every argument is a file or a directory of
 * files; what is not there counts as an empty directory, for a young target has no crashes to keep. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void die(const char *path)
{
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(EXIT_FAILURE);
}

/* The input gets a heap block of exactly its size: AddressSanitizer then sees one byte too many. */
static void replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size);

	if (!file || (size > 0 && !data))
		die(path);
	if (fread(data, 1, size, file) != size)
		die(path);
	fclose(file);
	/* Printed first: when the target crashes, the last line names the culprit. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

static unsigned replay_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		die(path);
	}
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path, (size_t)st.st_size);
		return 1;
	}

	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	unsigned replayed = 0;
	if (n < 0)
		die(path);
	for (int i = 0; i < n; i++) {
		char below[PATH_MAX];

		if (entries[i]->d_name[0] != '.') {
			int length =
				snprintf(below, sizeof(below), "%s/%s", path, entries[i]->d_name);
			if (length < 0 || (size_t)length >= sizeof(below)) {
				errno = ENAMETOOLONG;
				die(path);
			}
			replayed += replay_path(below);
		}
		free(entries[i]);
	}
	free(entries);
	return replayed;
}

int main(int argc, char **argv)
{
	unsigned replayed = 0;

	for (int i = 1; i < argc; i++)
		replayed += replay_path(argv[i]);
	printf("%u passed, 0 failed\n", replayed);
	if (replayed == 0)
		fputs("no input to replay: a target needs a seed in tests/fuzz/corpus\n", stderr);
	return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
