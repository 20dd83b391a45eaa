/* surel - one program that is the mail appliance and the tool that looks after it.
 *
 * Only what cannot live lower stands here: the program's entry and its exit status. */
#include <stdio.h>
#include <string.h>

#include "config.h"

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		puts("surel " SUREL_VERSION);
		return 0;
	}
	fputs("usage: surel version\n", stderr);
	return 2;
}
