/* `surel user device`: app passwords, one for each device. */
#include <stdio.h>

#include "app/cli_commands.h"
#include "base/secret.h"
#include "proto/sasl.h"

static bool hex_take(struct slice hex, uint8_t *dst, size_t n)
{
	if (hex.len != 2 * n)
		return false;
	memset(dst, 0, n);
	for (size_t i = 0; i < hex.len; i++) {
		uint8_t c = ascii_lower(hex.ptr[i]);
		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		uint8_t value = (uint8_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
		dst[i / 2] = (uint8_t)(dst[i / 2] << 4 | value);
	}
	return true;
}

static void print_errors(const struct admin_reply *reply)
{
	fputs("surel: ", stderr);
	fwrite(reply->errors.bytes, 1, reply->errors.len, stderr);
}

/* The salt of this user's devices, where the users are. */
static int device_ask_salt(const struct cli *cli, uint8_t salt[16])
{
	struct admin_request q = {.args = {"user", "device", "salt", cli->args[3]}, .count = 4};
	struct admin_reply reply;
	admin_reply_init(&reply);
	int exit_code = cli_ask(cli, &q, &reply);
	if (!exit_code && !hex_take(slice_trim(buf_view(&reply.out)), salt, 16))
		admin_fail(&reply, exit_code = EXIT_FAILED, "the answer is not understood\n");
	if (exit_code && reply.errors.len)
		print_errors(&reply);
	admin_reply_free(&reply);
	return exit_code;
}

static int device_send(const struct cli *cli, const char *verifier)
{
	struct admin_request q = {
		.args = {"user", "device", "add", cli->args[3], cli->args[4], verifier},
		.count = 6};
	struct admin_reply reply;
	admin_reply_init(&reply);
	int exit_code = cli_ask(cli, &q, &reply);
	if (exit_code && reply.errors.len)
		print_errors(&reply);
	admin_reply_free(&reply);
	return exit_code;
}

static int device_add(const struct cli *cli)
{
	uint8_t salt[16];
	char secret[DEVICE_SECRET_BYTES + 1];
	struct scram_verifier v;
	struct buf text;
	int exit_code = device_ask_salt(cli, salt);
	if (exit_code)
		return exit_code;
	buf_init(&text, 512);
	user_device_secret(secret);
	enum err err = scram_make_verifier(slice_str(secret), salt, DEVICE_ITERATIONS, &v);
	if (!err)
		err = user_verifier_print(&v, &text);
	if (!err)
		err = buf_add_byte(&text, 0);
	exit_code = err ? EXIT_FAILED : device_send(cli, (const char *)text.bytes);
	if (err)
		fprintf(stderr, "surel: %s\n", err_text(err));
	if (!exit_code)
		puts(secret);
	secret_wipe(secret, sizeof(secret));
	secret_wipe(&v, sizeof(v));
	buf_wipe(&text);
	return exit_code;
}

int cli_user_device(const struct cli *cli)
{
	const char *verb = cli->count > 3 ? cli->args[2] : "";
	if (strcmp(verb, "add") == 0 && cli->count == 5)
		return device_add(cli);
	bool is_del = strcmp(verb, "del") == 0 && cli->count == 5;
	bool is_list = strcmp(verb, "list") == 0 && cli->count == 4;
	return is_del || is_list ? cli_forward(cli) : cli_usage(cli);
}
