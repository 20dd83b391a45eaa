#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "proto/scram.h"
#include "support/fake_host.h"
#include "support/peer.h"
#include "support/scram_client.h"

/* A session that does nothing: SASL needs its host, its stream and its waiter. */
struct bare {
	struct session s;
	struct sasl sasl;
};

static enum step bare_run(struct session *s)
{
	(void)s;
	return STEP_MORE;
}
static void bare_goodbye(struct session *s, enum goodbye why)
{
	(void)s;
	(void)why;
}
static bool bare_is_idle(const struct session *s)
{
	(void)s;
	return true;
}
static void bare_free(struct session *s)
{
	struct bare *bare = (struct bare *)s;
	sasl_end(&bare->sasl);
	free(bare);
}
static const struct session_ops bare_ops = {"bare", bare_run, bare_goodbye, bare_is_idle,
					    bare_free};

static struct loop *loop;
static struct fake_host fake;
static struct peer peer;
static struct bare *bare;

static void sasl_setup(bool is_delayed)
{
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake.is_delayed = is_delayed;
	fake_host_add_user(&fake, "user", "pencil");
	fake_host_add_user(&fake, "a,b=c", "pencil");
	peer_open(&peer, loop, 4096);
	bare = calloc(1, sizeof(*bare));
	session_start(&bare->s, &bare_ops, SERVICE_POP3, &fake.host, peer.stream, false);
	peer_settle(&peer);
}

static void sasl_teardown(void)
{
	peer_close(&peer);
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
}

static enum sasl_result settle(enum sasl_result result)
{
	for (int turns = 0; result == SASL_WAIT && turns < 20; turns++) {
		loop_turn(loop, 0);
		result = sasl_poll(&bare->sasl);
	}
	return result;
}

/* --- PLAIN and LOGIN -------------------------------------------------------------------------- */

START_TEST(plain_says_who_and_proves_it)
{
#define PLAIN(text) {text, sizeof(text) - 1}
	static const struct {
		struct {
			const char *bytes;
			size_t len;
		} message;
		enum sasl_result result;
		enum err err;
	} rows[] = {
		{PLAIN("\0user\0pencil"), SASL_OK, ERR_NONE},
		{PLAIN("user\0user\0pencil"), SASL_OK, ERR_NONE},
		{PLAIN("\0USER\0pencil"), SASL_OK, ERR_NONE},
		{PLAIN("root\0user\0pencil"), SASL_FAILED, ERR_DENIED},
		{PLAIN("\0user\0Pencil"), SASL_FAILED, ERR_DENIED},
		{PLAIN("\0user\0pencil "), SASL_FAILED, ERR_DENIED},
		{PLAIN("\0nobody\0pencil"), SASL_FAILED, ERR_DENIED},
		{PLAIN("\0user\0"), SASL_FAILED, ERR_SYNTAX},
		{PLAIN("\0\0pencil"), SASL_FAILED, ERR_SYNTAX},
		{PLAIN("user\0pencil"), SASL_FAILED, ERR_SYNTAX},
		{PLAIN("\0user\0pencil\0"), SASL_FAILED, ERR_SYNTAX},
		{PLAIN("\0user\0pen\0cil"), SASL_FAILED, ERR_SYNTAX},
		{PLAIN(""), SASL_FAILED, ERR_SYNTAX},
		{PLAIN("\0"), SASL_FAILED, ERR_SYNTAX},
	};
	for (int delayed = 0; delayed < 2; delayed++) {
		sasl_setup(delayed);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct slice message = slice_of(rows[i].message.bytes, rows[i].message.len);
			ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("plain")),
					 ERR_NONE);
			ck_assert_int_eq(settle(sasl_start(&bare->sasl, &message)), rows[i].result);
			ck_assert_int_eq(bare->sasl.err, rows[i].err);
			ck_assert_int_eq(bare->sasl.login_out != NULL, rows[i].result == SASL_OK);
			ck_assert_uint_eq(bare->s.awaits, 0);
			sasl_end(&bare->sasl);
		}
		sasl_teardown();
	}
}
END_TEST

START_TEST(plain_without_initial_response_asks_with_nothing)
{
	sasl_setup(false);
	ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("PLAIN")), ERR_NONE);
	ck_assert_int_eq(sasl_start(&bare->sasl, NULL), SASL_CONTINUE);
	ck_assert_uint_eq(bare->sasl.out.len, 0);
	ck_assert_int_eq(settle(sasl_step(&bare->sasl, slice_of("\0user\0pencil", 12))), SASL_OK);
	sasl_teardown();
}
END_TEST

START_TEST(login_asks_twice_or_once)
{
	static const struct slice user = {(const uint8_t *)"user", 4};
	for (int with_initial = 0; with_initial < 2; with_initial++) {
		sasl_setup(true);
		ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("LOGIN")), ERR_NONE);
		if (!with_initial) {
			ck_assert_int_eq(sasl_start(&bare->sasl, NULL), SASL_CONTINUE);
			ck_assert(slice_eq_str(buf_view(&bare->sasl.out), "Username:"));
			ck_assert_int_eq(sasl_step(&bare->sasl, user), SASL_CONTINUE);
		} else {
			ck_assert_int_eq(sasl_start(&bare->sasl, &user), SASL_CONTINUE);
		}
		ck_assert(slice_eq_str(buf_view(&bare->sasl.out), "Password:"));
		ck_assert_int_eq(settle(sasl_step(&bare->sasl, SLICE_LIT("pencil"))), SASL_OK);
		ck_assert_str_eq(bare->sasl.login_out->user, "user");
		sasl_teardown();
	}
}
END_TEST

START_TEST(a_password_login_is_checked_the_same_way)
{
	sasl_setup(true);
	ck_assert_int_eq(settle(sasl_login(&bare->sasl, &bare->s, SLICE_LIT("user+phone"),
					   SLICE_LIT("pencil"))),
			 SASL_OK);
	ck_assert_str_eq(bare->sasl.login_out->detail, "phone");
	ck_assert_int_eq(
		settle(sasl_login(&bare->sasl, &bare->s, SLICE_LIT("user"), SLICE_LIT("ink"))),
		SASL_FAILED);
	ck_assert_int_eq(bare->sasl.err, ERR_DENIED);
	sasl_teardown();
}
END_TEST

START_TEST(nothing_in_clear_from_afar)
{
	struct buf list;
	buf_init(&list, 256);
	sasl_setup(false);
	ck_assert_int_eq(sasl_list(&bare->s, "AUTH=", &list), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&list), "AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN"));
	buf_clear(&list);
	peer_set_address(&peer, "192.0.2.1");
	ck_assert_int_eq(sasl_list(&bare->s, "", &list), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&list), "SCRAM-SHA-256"));
	ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("PLAIN")), ERR_UNSUPPORTED);
	ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("SCRAM-SHA-256-PLUS")),
			 ERR_UNSUPPORTED);
	ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("CRAM-MD5")), ERR_UNSUPPORTED);
	ck_assert_int_eq(sasl_login(&bare->sasl, &bare->s, SLICE_LIT("user"), SLICE_LIT("pencil")),
			 SASL_FAILED);
	ck_assert_int_eq(bare->sasl.err, ERR_UNSUPPORTED);
	ck_assert_uint_eq(fake.logins + fake.failures, 0);
	buf_free(&list);
	sasl_teardown();
}
END_TEST

START_TEST(an_exchange_can_be_dropped_while_the_host_checks)
{
	sasl_setup(true);
	ck_assert_int_eq(sasl_login(&bare->sasl, &bare->s, SLICE_LIT("user"), SLICE_LIT("pencil")),
			 SASL_WAIT);
	ck_assert_uint_eq(bare->s.awaits, 1);
	sasl_end(&bare->sasl);
	ck_assert_uint_eq(bare->s.awaits, 0);
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 0);
	ck_assert_uint_eq(fake.logins, 0);
	sasl_teardown();
}
END_TEST

/* --- SCRAM ------------------------------------------------------------------------------------ */

/* RFC 7677 3, with the server's part of the nonce as it stands there. */
START_TEST(the_arithmetic_is_that_of_rfc_7677)
{
	static const uint8_t salt[16] = {0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e,
					 0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81};
	static const char auth_message[] =
		"n=user,r=rOprNGfwEbeRWgbNEkqO,"
		"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
		"i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
	struct scram_verifier v;
	struct buf proof, signature;
	uint8_t raw[32];
	buf_init(&proof, 64);
	buf_init(&signature, 64);
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("pencil"), salt, 4096, &v), ERR_NONE);
	ck_assert_int_eq(
		base64_decode(SLICE_LIT("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), &proof),
		ERR_NONE);
	memcpy(raw, buf_view(&proof).ptr, sizeof(raw));
	ck_assert(scram_proof_is_right(&v, slice_str(auth_message), raw));
	/* Nobody gets in as somebody who does not exist, however right his proof is. */
	v.is_real = false;
	ck_assert(!scram_proof_is_right(&v, slice_str(auth_message), raw));
	v.is_real = true;
	raw[31] ^= 1;
	ck_assert(!scram_proof_is_right(&v, slice_str(auth_message), raw));
	ck_assert_int_eq(scram_server_signature(&v, slice_str(auth_message), raw), ERR_NONE);
	ck_assert_int_eq(base64_add(&signature, slice_of(raw, sizeof(raw))), ERR_NONE);
	ck_assert(
		slice_eq_str(buf_view(&signature), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
	buf_free(&proof);
	buf_free(&signature);
}
END_TEST

START_TEST(a_verifier_knows_its_password)
{
	static const uint8_t salt[16] = "0123456789abcde";
	struct scram_verifier v;
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("p\xc3\xa4ss w\xc3\xb6rd"), salt, 4096, &v),
			 ERR_NONE);
	ck_assert(scram_check_password(&v, SLICE_LIT("p\xc3\xa4ss w\xc3\xb6rd")));
	ck_assert(scram_check_password(&v, SLICE_LIT("p\xc3\xa4ss\xc2\xa0w\xc3\xb6rd")));
	ck_assert(scram_check_password(&v, SLICE_LIT("p\xc3\xa4ss\xc2\xad w\xc3\xb6rd")));
	ck_assert(!scram_check_password(&v, SLICE_LIT("p\xc3\xa4ss  w\xc3\xb6rd")));
	ck_assert(!scram_check_password(&v, SLICE_LIT("")));
	v.is_real = false;
	ck_assert(!scram_check_password(&v, SLICE_LIT("p\xc3\xa4ss w\xc3\xb6rd")));
	ck_assert_int_eq(scram_make_verifier(SLICE_EMPTY, salt, 4096, &v), ERR_SYNTAX);
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("\xc2\xad"), salt, 4096, &v), ERR_SYNTAX);
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("a\tb"), salt, 4096, &v), ERR_SYNTAX);
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("a"), salt, 4095, &v), ERR_LIMIT);
	/* Latin-1 from an old client: not UTF-8, used as it is. */
	ck_assert_int_eq(scram_make_verifier(SLICE_LIT("p\xe4ss"), salt, 4096, &v), ERR_NONE);
	ck_assert(scram_check_password(&v, SLICE_LIT("p\xe4ss")));
}
END_TEST

struct scram_row {
	const char *user, *password, *gs2;
	enum sasl_result first;
	enum err first_err;
	enum sasl_result last;
	enum err last_err;
};

static void scram_talk(const struct scram_row *row)
{
	struct scram_client client = {
		.user = row->user, .password = row->password, .gs2 = row->gs2, .nonce = "abc"};
	struct buf message;
	buf_init(&message, 4096);
	scram_client_first(&client, &message);
	struct slice initial = buf_view(&message);
	ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("SCRAM-SHA-256")), ERR_NONE);
	ck_assert_int_eq(sasl_start(&bare->sasl, &initial), row->first);
	ck_assert_int_eq(bare->sasl.err, row->first_err);
	buf_clear(&message);
	if (row->first == SASL_CONTINUE) {
		ck_assert_int_eq(scram_client_final(&client, buf_view(&bare->sasl.out), &message),
				 ERR_NONE);
		ck_assert_int_eq(settle(sasl_step(&bare->sasl, buf_view(&message))), row->last);
		ck_assert_int_eq(bare->sasl.err, row->last_err);
		if (row->last == SASL_OK)
			ck_assert(scram_client_accepts(&client, buf_view(&bare->sasl.out)));
	}
	buf_free(&message);
}

START_TEST(scram_lets_in_who_knows_the_password)
{
	static const struct scram_row rows[] = {
		{"user", "pencil", "n,,", SASL_CONTINUE, ERR_NONE, SASL_OK, ERR_NONE},
		{"user", "pencil", "y,,", SASL_CONTINUE, ERR_NONE, SASL_OK, ERR_NONE},
		{"user", "pencil", "n,a=user,", SASL_CONTINUE, ERR_NONE, SASL_OK, ERR_NONE},
		{"a=2Cb=3Dc", "pencil", "n,,", SASL_CONTINUE, ERR_NONE, SASL_OK, ERR_NONE},
		{"user", "pencil", "n,a=root,", SASL_CONTINUE, ERR_NONE, SASL_FAILED, ERR_DENIED},
		{"user", "ink", "n,,", SASL_CONTINUE, ERR_NONE, SASL_FAILED, ERR_DENIED},
		{"nobody", "pencil", "n,,", SASL_CONTINUE, ERR_NONE, SASL_FAILED, ERR_DENIED},
		{"user", "pencil", "p=tls-unique,,", SASL_FAILED, ERR_UNSUPPORTED, 0, 0},
		{"user", "pencil", "x,,", SASL_FAILED, ERR_DENIED, 0, 0},
		{"us=er", "pencil", "n,,", SASL_FAILED, ERR_SYNTAX, 0, 0},
		{"", "pencil", "n,,", SASL_FAILED, ERR_SYNTAX, 0, 0},
		{"user", "pencil", "n,b=root,", SASL_FAILED, ERR_SYNTAX, 0, 0},
	};
	for (int delayed = 0; delayed < 2; delayed++) {
		sasl_setup(delayed);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			scram_talk(&rows[i]);
		sasl_teardown();
	}
}
END_TEST

START_TEST(scram_refuses_messages_out_of_shape)
{
	static const char *const firsts[] = {"",
					     "n",
					     "n,",
					     "n,,",
					     "n,,n=user",
					     "n,,n=user,",
					     "n,,r=abc,n=user",
					     "n,,m=x,n=user,r=abc",
					     "n,,n=user,r=",
					     "n,,n=user,r=a\x01",
					     "n,,n=us=2cer=,r=abc"};
	static const char *const finals[] = {
		"",
		"p=",
		"c=biws,r=%s",
		"c=biws,r=%s,p=",
		"c=biws,r=%s,p=AAAA",
		"r=%s,c=biws,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"c=*,r=%s,p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	sasl_setup(false);
	for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		struct slice first = slice_str(firsts[i]);
		ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("SCRAM-SHA-256")),
				 ERR_NONE);
		ck_assert_int_eq(sasl_start(&bare->sasl, &first), SASL_FAILED);
		ck_assert_int_eq(bare->sasl.err, ERR_SYNTAX);
	}
	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++) {
		struct slice first = SLICE_LIT("n,,n=user,r=abc");
		char final[256], nonce[64];
		ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("SCRAM-SHA-256")),
				 ERR_NONE);
		ck_assert_int_eq(sasl_start(&bare->sasl, &first), SASL_CONTINUE);
		struct slice rest = buf_view(&bare->sasl.out);
		ck_assert_int_eq(
			slice_to_str(slice_from(slice_split(&rest, ','), 2), nonce, sizeof(nonce)),
			ERR_NONE);
		char *at = strstr(finals[i], "%s");
		size_t before = at ? (size_t)(at - finals[i]) : strlen(finals[i]);
		snprintf(final, sizeof(final), "%.*s%s%s", (int)before, finals[i], at ? nonce : "",
			 at ? at + 2 : "");
		ck_assert_int_eq(sasl_step(&bare->sasl, slice_str(final)), SASL_FAILED);
		ck_assert_int_eq(bare->sasl.err, ERR_SYNTAX);
	}
	ck_assert_uint_eq(fake.logins, 0);
	sasl_teardown();
}
END_TEST

/* Proofs that are right as such, over another header or nonce than those of this exchange. */
START_TEST(scram_binds_nonce_and_header)
{
	static const struct {
		const char *final_gs2, *nonce_tail;
	} rows[] = {{"y,,", NULL}, {"n,a=user,", NULL}, {NULL, "x"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scram_client client = {.user = "user",
					      .password = "pencil",
					      .gs2 = "n,,",
					      .nonce = "abc",
					      .final_gs2 = rows[i].final_gs2,
					      .nonce_tail = rows[i].nonce_tail};
		struct buf message;
		buf_init(&message, 4096);
		sasl_setup(true);
		scram_client_first(&client, &message);
		struct slice first = buf_view(&message);
		ck_assert_int_eq(sasl_begin(&bare->sasl, &bare->s, SLICE_LIT("SCRAM-SHA-256")),
				 ERR_NONE);
		ck_assert_int_eq(sasl_start(&bare->sasl, &first), SASL_CONTINUE);
		buf_clear(&message);
		ck_assert_int_eq(scram_client_final(&client, buf_view(&bare->sasl.out), &message),
				 ERR_NONE);
		ck_assert_int_eq(sasl_step(&bare->sasl, buf_view(&message)), SASL_WAIT);
		ck_assert_int_eq(settle(SASL_WAIT), SASL_FAILED);
		ck_assert_int_eq(bare->sasl.err, ERR_DENIED);
		ck_assert_uint_eq(fake.failures, 1);
		buf_free(&message);
		sasl_teardown();
	}
}
END_TEST

SUITE_MAIN("sasl", plain_says_who_and_proves_it, plain_without_initial_response_asks_with_nothing,
	   login_asks_twice_or_once, a_password_login_is_checked_the_same_way,
	   nothing_in_clear_from_afar, an_exchange_can_be_dropped_while_the_host_checks,
	   the_arithmetic_is_that_of_rfc_7677, a_verifier_knows_its_password,
	   scram_lets_in_who_knows_the_password, scram_refuses_messages_out_of_shape,
	   scram_binds_nonce_and_header)
