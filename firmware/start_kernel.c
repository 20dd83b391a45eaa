/* start_kernel KERNEL ROOT COMMAND-LINE: this kernel takes over from the one that runs, with the packed root
 * file system ROOT. Returns only when that fails; then nothing has happened.
 *
 * For kernels with CONFIG_KEXEC_FILE, in which the system call reads both files itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	fprintf(stderr, "start_kernel: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: start_kernel KERNEL ROOT COMMAND-LINE\n");
		return 2;
	}
	int kernel = open(argv[1], O_RDONLY | O_CLOEXEC);
	int root = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (kernel < 0 || root < 0)
		return fail(argv[kernel < 0 ? 1 : 2]);
	if (syscall(SYS_kexec_file_load, kernel, root, strlen(argv[3]) + 1, argv[3], 0UL))
		return fail("the kernel is not taken");
	sync();
	reboot(RB_KEXEC);
	return fail("the kernel does not start");
}
