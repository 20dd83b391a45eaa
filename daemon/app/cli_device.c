/* `surel user device add`: an app password, made here. */
#include <stdio.h>

#include "app/cli_commands.h"
#include "app/cli_password.h"
#include "base/codec.h"
#include "base/secret.h"

/* Of this user's devices, from where the users are. */
static int device_ask_salt(const struct cli *cli, uint8_t salt[16])
{
	struct admin_request q = {.args = {"user", "device", "salt", cli->args[3]}, .count = 4};
	struct admin_reply reply;
	admin_reply_init(&reply);
	int exit_code = cli_ask(cli, &q, &reply);
	if (!exit_code && hex_decode_to(slice_trim(buf_view(&reply.out)), salt, 16))
		exit_code = cli_complain("the answer is not understood");
	admin_reply_free(&reply);
	return exit_code;
}

int cli_device_add(const struct cli *cli)
{
	char secret[DEVICE_SECRET_BYTES + 1];
	uint8_t salt[16];
	struct buf text;
	buf_init(&text, 512);
	int exit_code = device_ask_salt(cli, salt);
	user_device_secret(secret);
	if (!exit_code && password_verifier(secret, salt, DEVICE_ITERATIONS, &text))
		exit_code = EXIT_FAILED;
	struct admin_request q = {.args = {"user", "device", "add", cli->args[3], cli->args[4],
					   (const char *)text.bytes},
				  .count = 6};
	if (!exit_code)
		exit_code = cli_run(cli, &q);
	if (!exit_code)
		puts(secret);
	secret_wipe(secret, sizeof(secret));
	buf_wipe(&text);
	return exit_code;
}
