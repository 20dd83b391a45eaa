#include "app/cli_password.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "app/cli.h"
#include "base/secret.h"
#include "proto/sasl.h"

static const int password_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { PASSWORD_SIGNALS = sizeof(password_signals) / sizeof(password_signals[0]) };

static volatile sig_atomic_t password_signal;

static void on_password_signal(int signal)
{
	password_signal = signal;
}

enum password_line { PASSWORD_READ, PASSWORD_MISSING, PASSWORD_TOO_LONG, PASSWORD_HAS_NUL };

/* Octet by octet: what is read ahead would stay in a buffer that nobody wipes. */
static enum password_line password_read_line(char dst[PASSWORD_MAX_BYTES + 1])
{
	size_t n = 0;
	ssize_t got;
	char c;
	bool has_nul = false;
	while ((got = read(STDIN_FILENO, &c, 1)) != 0 && c != '\n') {
		if (got < 0 && (errno != EINTR || password_signal))
			break;
		if (got < 0)
			continue;
		has_nul |= c == '\0';
		if (n < PASSWORD_MAX_BYTES)
			dst[n] = c;
		n++;
	}
	if (n && n <= PASSWORD_MAX_BYTES && dst[n - 1] == '\r')
		n--;
	dst[n < PASSWORD_MAX_BYTES ? n : PASSWORD_MAX_BYTES] = '\0';
	if (n > PASSWORD_MAX_BYTES)
		return PASSWORD_TOO_LONG;
	return has_nul ? PASSWORD_HAS_NUL : n ? PASSWORD_READ : PASSWORD_MISSING;
}

static enum password_line password_read_silently(char dst[PASSWORD_MAX_BYTES + 1])
{
	struct termios before, silent;
	struct sigaction old[PASSWORD_SIGNALS], caught = {.sa_handler = on_password_signal};
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return password_read_line(dst);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	for (int i = 0; i < PASSWORD_SIGNALS; i++)
		sigaction(password_signals[i], &caught, &old[i]);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	enum password_line line = password_read_line(dst);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	for (int i = 0; i < PASSWORD_SIGNALS; i++)
		sigaction(password_signals[i], &old[i], NULL);
	if (password_signal) {
		secret_wipe(dst, PASSWORD_MAX_BYTES + 1);
		raise(password_signal);
		return PASSWORD_MISSING;
	}
	return line;
}

static enum password_line password_read(const char *prompt, char dst[PASSWORD_MAX_BYTES + 1])
{
	if (!isatty(STDIN_FILENO))
		return password_read_line(dst);
	fputs(prompt, stderr);
	return password_read_silently(dst);
}

static bool password_is_usable(enum password_line line)
{
	switch (line) {
	case PASSWORD_READ: return true;
	case PASSWORD_MISSING:
		cli_complain("a password is needed: one line on standard input");
		break;
	case PASSWORD_TOO_LONG:
		cli_complain("a password has at most %d bytes", PASSWORD_MAX_BYTES);
		break;
	case PASSWORD_HAS_NUL: cli_complain("a password holds no control characters"); break;
	}
	return false;
}

bool password_ask(char password[PASSWORD_MAX_BYTES + 1])
{
	char again[PASSWORD_MAX_BYTES + 1];
	if (!password_is_usable(password_read("Password: ", password)))
		return false;
	if (!isatty(STDIN_FILENO))
		return true;
	bool same = password_read("The same again: ", again) == PASSWORD_READ &&
		    strcmp(password, again) == 0;
	secret_wipe(again, sizeof(again));
	if (!same)
		cli_complain("the two passwords differ");
	return same;
}

enum err password_verifier(const char *password, const uint8_t salt[16], uint32_t iterations,
			   struct buf *text)
{
	struct scram_verifier v;
	enum err err = scram_make_verifier(slice_str(password), salt, iterations, &v);
	if (!err)
		err = user_verifier_print(&v, text);
	if (!err)
		err = buf_add_byte(text, 0);
	secret_wipe(&v, sizeof(v));
	return err;
}
