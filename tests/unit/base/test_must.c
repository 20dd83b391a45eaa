#include "base/must.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "support/suite.h"

static int status_after(bool is_so)
{
	int status = 0;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
		must(is_so);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(what_is_so_goes_on_and_what_is_not_ends_the_process)
{
	int status = status_after(true);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = status_after(false);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

SUITE_MAIN("must", what_is_so_goes_on_and_what_is_not_ends_the_process)
