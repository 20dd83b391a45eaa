/* Another implementation's client, so that two mistakes of ours cannot cancel each other. */
#include <sys/wait.h>

#include "net/listener.h"
#include "unit/net/tls_server.h"

static void server_accepted(void *owner, struct stream *s, bool over_limit)
{
	struct server *v = owner;
	ck_assert(!over_limit);
	stream_close(&v->stream);
	v->stream = s;
	stream_set_user(s, &v->user);
}

/* Runs a shell command beside the loop; returns its exit status. What takes too long ends with the test. */
static int run_beside(struct server *v, const char *command)
{
	int status = -1;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		ck_assert_int_eq(loop_turn(v->loop, 5), ERR_NONE);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(openssl_verifies_us_and_resumes)
{
	struct server v;
	struct listener *listener = NULL;
	struct conn_table *table = NULL;
	struct conn_limits limits = {10, 10};
	char command[1024];
	server_open(&v);
	if (run_beside(&v, "command -v openssl > /dev/null") != 0) {
		server_close(&v);
		return; /* a machine without it: the rest of this file still speaks for us */
	}
	ck_assert_int_eq(conn_table_new(&limits, &table), ERR_NONE);
	struct listener_config config = {.address = "127.0.0.1",
					 .is_implicit_tls = true,
					 .tls = v.tls,
					 .table = table,
					 .in_max_bytes = 8192,
					 .accepted = server_accepted,
					 .owner = &v};
	ck_assert_int_eq(listener_open(v.loop, &config, &listener), ERR_NONE);
	static const char *const options[] = {"-tls1_2", "-tls1_3"};
	for (size_t i = 0; i < 2; i++)
		for (int resumes = 0; resumes < 2; resumes++) {
			/* The client hangs up when it has seen its own line come back. */
			int n = snprintf(
				command, sizeof(command),
				"cd %s && rm -f in && mkfifo in && { openssl s_client -connect "
				"127.0.0.1:%u %s -CAfile ca.pem -verify_return_error -verify_ip "
				"127.0.0.1 %s session%s < in > out 2> err & } && exec 3> in && "
				"echo marco >&3 && until grep -q ^marco out; do :; done && "
				"exec 3>&- && wait && grep -q '%s' out",
				v.dir, listener_port(listener), options[i],
				resumes ? "-sess_in" : "-sess_out", options[i],
				resumes ? "^Reused, TLS" : "^New, TLS");
			ck_assert_int_lt(n, (int)sizeof(command));
			ck_assert_msg(run_beside(&v, command) == 0, "%s, resuming: %d", options[i],
				      resumes);
		}
	stream_abort(&v.stream);
	listener_close(&listener);
	conn_table_free(&table);
	server_close(&v);
}
END_TEST

SUITE_MAIN("tls_openssl", openssl_verifies_us_and_resumes)
