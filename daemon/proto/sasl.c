#include "proto/sasl_mechanism.h"

#include "base/secret.h"

/* Strongest first: clients that take the first they know get the best. */
static const struct sasl_mechanism *const sasl_mechanisms[] = {
	&sasl_scram_sha256_plus,
	&sasl_scram_sha256,
	&sasl_plain,
	&sasl_login_mechanism,
};
enum { SASL_MECHANISMS = sizeof(sasl_mechanisms) / sizeof(sasl_mechanisms[0]) };

bool sasl_can_bind(const struct session *s)
{
	uint8_t exporter[32];
	bool can = session_is_tls(s) && !stream_tls_exporter(s->stream, exporter);
	secret_wipe(exporter, sizeof(exporter));
	return can;
}

static bool sasl_is_offered(const struct session *s, const struct sasl_mechanism *m)
{
	if (m->is_clear && !session_may_take_password(s))
		return false;
	return !m->binds_channel || sasl_can_bind(s);
}

enum err sasl_list(const struct session *s, const char *prefix, struct buf *dst)
{
	size_t len_before = dst->len;
	for (size_t i = 0; i < SASL_MECHANISMS; i++) {
		const struct sasl_mechanism *m = sasl_mechanisms[i];
		if (!sasl_is_offered(s, m))
			continue;
		const char *gap = dst->len > len_before ? " " : "";
		enum err err = buf_addf(dst, "%s%s%s", gap, prefix, m->name);
		if (err)
			return err;
	}
	return ERR_NONE;
}

/* --- one exchange ----------------------------------------------------------------------------- */

enum err sasl_begin(struct sasl *sasl, struct session *s, struct slice mechanism)
{
	for (size_t i = 0; i < SASL_MECHANISMS; i++) {
		const struct sasl_mechanism *m = sasl_mechanisms[i];
		if (!slice_eq_str_nocase(mechanism, m->name))
			continue;
		if (!sasl_is_offered(s, m))
			return ERR_UNSUPPORTED;
		sasl_reset(sasl, s, m);
		return ERR_NONE;
	}
	return ERR_UNSUPPORTED;
}

enum sasl_result sasl_start(struct sasl *sasl, const struct slice *initial)
{
	if (initial)
		return sasl_step(sasl, *initial);
	if (sasl->mechanism->server_first)
		return sasl->mechanism->step(sasl, SLICE_EMPTY);
	return SASL_CONTINUE;
}

enum sasl_result sasl_step(struct sasl *sasl, struct slice client_bytes)
{
	if (sasl->phase != SASL_RUNNING || !sasl->mechanism)
		return sasl_fail(sasl, ERR_STATE);
	if (client_bytes.len > SASL_MAX_BYTES)
		return sasl_fail(sasl, ERR_LIMIT);
	buf_clear(&sasl->out);
	/* LOGIN with an initial response: that is the answer to its first question. */
	if (sasl->mechanism->server_first && sasl->state == 0)
		sasl->state = 1;
	return sasl->mechanism->step(sasl, client_bytes);
}

enum sasl_result sasl_login(struct sasl *sasl, struct session *s, struct slice user,
			    struct slice password)
{
	enum err err = sasl_login_name(sasl, s, user);
	return err ? sasl_fail(sasl, err) : sasl_login_password(sasl, password);
}

/* --- PLAIN: authzid NUL user NUL password (RFC 4616) ------------------------------------------- */

static enum sasl_result plain_step(struct sasl *sasl, struct slice client)
{
	struct slice rest = client;
	/* slice_split cannot tell "no separator" from "separator at the end": count first. */
	size_t first = slice_find_byte(client, 0);
	size_t second =
		first == SIZE_MAX ? SIZE_MAX : slice_find_byte(slice_from(client, first + 1), 0);
	if (second == SIZE_MAX)
		return sasl_fail(sasl, ERR_SYNTAX);
	struct slice authzid = slice_split(&rest, 0);
	struct slice user = slice_split(&rest, 0);
	if (user.len == 0 || rest.len == 0 || slice_find_byte(rest, 0) != SIZE_MAX)
		return sasl_fail(sasl, ERR_SYNTAX);
	enum err err = buf_add_slice(&sasl->user, user);
	if (!err)
		err = buf_add_slice(&sasl->secret, rest);
	if (!err)
		err = buf_add_slice(&sasl->authzid, authzid);
	if (err)
		return sasl_fail(sasl, err);
	return sasl_ask_host(sasl);
}

const struct sasl_mechanism sasl_plain = {.name = "PLAIN", .is_clear = true, .step = plain_step};

/* --- LOGIN: two questions, never standardised, asked for by Outlook ---------------------------- */

enum { LOGIN_ASK_USER, LOGIN_USER, LOGIN_PASSWORD };

static enum sasl_result login_ask(struct sasl *sasl, const char *question, int next)
{
	enum err err = buf_add_str(&sasl->out, question);
	sasl->state = next;
	return err ? sasl_fail(sasl, err) : SASL_CONTINUE;
}

static enum sasl_result login_step(struct sasl *sasl, struct slice client)
{
	enum err err;
	switch (sasl->state) {
	case LOGIN_ASK_USER: return login_ask(sasl, "Username:", LOGIN_USER);
	case LOGIN_USER:
		err = client.len ? buf_add_slice(&sasl->user, client) : ERR_SYNTAX;
		return err ? sasl_fail(sasl, err) : login_ask(sasl, "Password:", LOGIN_PASSWORD);
	default:
		err = client.len ? buf_add_slice(&sasl->secret, client) : ERR_SYNTAX;
		return err ? sasl_fail(sasl, err) : sasl_ask_host(sasl);
	}
}

const struct sasl_mechanism sasl_login_mechanism = {
	.name = "LOGIN", .is_clear = true, .server_first = true, .step = login_step};
