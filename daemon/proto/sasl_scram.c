/* The messages of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802 5-7, RFC 7677, RFC 9266). */
#include "proto/sasl_mechanism.h"

#include "base/codec.h"
#include "base/secret.h"
#include "proto/scram.h"

/* Server's part of the nonce: 18 octets, 24 characters of base64 and none of them a comma. */
enum { SCRAM_NONCE_BYTES = 18, SCRAM_CLIENT_NONCE_MAX = 256 };

enum { SCRAM_CLIENT_FIRST, SCRAM_CLIENT_FINAL };

/* The value of the attribute `name` at the front of *rest, up to the next comma, which goes too. */
static enum err scram_attribute(struct slice *rest, char name, struct slice *value_out)
{
	if (rest->len < 2 || rest->ptr[0] != (uint8_t)name || rest->ptr[1] != '=')
		return ERR_SYNTAX;
	*value_out = slice_from(slice_split(rest, ','), 2);
	return ERR_NONE;
}

/* saslname: "=2C" is a comma, "=3D" an equals sign, nothing else may follow "=". */
static enum err scram_add_name(struct slice name, struct buf *dst)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t byte = name.ptr[i];
		if (byte == '=') {
			struct slice code = slice_between(name, i + 1, i + 3);
			if (!slice_eq_str_nocase(code, "2C") && !slice_eq_str_nocase(code, "3D"))
				return ERR_SYNTAX;
			byte = code.ptr[0] == '2' ? ',' : '=';
			i += 2;
		} else if (byte == 0) {
			return ERR_SYNTAX;
		}
		enum err err = buf_add_byte(dst, byte);
		if (err)
			return err;
	}
	return name.len ? ERR_NONE : ERR_SYNTAX;
}

/* Is the channel-binding flag what it must be here? "y" means "I could, but you do not offer it":
 * where we do offer it, somebody in the middle has hidden that (RFC 5802 6). */
static bool scram_flag_is_right(const struct sasl *sasl, struct slice flag)
{
	if (sasl->mechanism->binds_channel)
		return slice_eq_str(flag, "p=tls-exporter");
	if (slice_eq_str(flag, "y"))
		return !sasl_can_bind(sasl->session);
	return slice_eq_str(flag, "n");
}

/* gs2-header = flag "," [ "a=" authzid ] ",". What c= must repeat is kept in sasl->binding. */
static enum err scram_gs2_header(struct sasl *sasl, struct slice message, struct slice *bare_out)
{
	struct slice rest = message;
	struct slice flag = slice_split(&rest, ',');
	if (slice_find_byte(rest, ',') == SIZE_MAX)
		return ERR_SYNTAX;
	struct slice authzid = slice_split(&rest, ',');
	if (!scram_flag_is_right(sasl, flag))
		return slice_starts(flag, SLICE_LIT("p=")) ? ERR_UNSUPPORTED : ERR_DENIED;
	enum err err = buf_add_slice(&sasl->binding, slice_upto(message, message.len - rest.len));
	if (!err && authzid.len) {
		struct slice name;
		err = scram_attribute(&authzid, 'a', &name);
		if (!err)
			err = scram_add_name(name, &sasl->authzid);
	}
	if (!err && sasl->mechanism->binds_channel) {
		uint8_t exporter[32];
		err = stream_tls_exporter(sasl->session->stream, exporter);
		if (!err)
			err = buf_add(&sasl->binding, exporter, sizeof(exporter));
	}
	*bare_out = rest;
	return err;
}

static bool scram_nonce_is_printable(struct slice nonce)
{
	for (size_t i = 0; i < nonce.len; i++)
		if (nonce.ptr[i] < 0x21 || nonce.ptr[i] > 0x7e)
			return false;
	return nonce.len > 0 && nonce.len <= SCRAM_CLIENT_NONCE_MAX;
}

/* sasl->secret gets the nonce, sasl->out the server's first message. */
static enum err scram_server_first(struct sasl *sasl, struct slice client_nonce)
{
	uint8_t random[SCRAM_NONCE_BYTES];
	secret_random(random, sizeof(random));
	enum err err = buf_add_slice(&sasl->secret, client_nonce);
	if (!err)
		err = base64_add(&sasl->secret, slice_of(random, sizeof(random)));
	if (!err)
		err = buf_add_str(&sasl->out, "r=");
	if (!err)
		err = buf_add_slice(&sasl->out, buf_view(&sasl->secret));
	if (!err)
		err = buf_add_str(&sasl->out, ",s=");
	if (!err)
		err = base64_add(&sasl->out,
				 slice_of(sasl->verifier.salt, sizeof(sasl->verifier.salt)));
	if (!err)
		err = buf_addf(&sasl->out, ",i=%u", (unsigned)sasl->verifier.iterations);
	return err;
}

static enum sasl_result scram_client_first(struct sasl *sasl, struct slice client)
{
	struct host *host = sasl->session->host;
	struct slice bare, rest, user, nonce;
	enum err err = scram_gs2_header(sasl, client, &bare);
	rest = bare;
	if (!err)
		err = scram_attribute(&rest, 'n', &user); /* m= comes first, and nobody knows any */
	if (!err)
		err = scram_add_name(user, &sasl->user);
	if (!err)
		err = scram_attribute(&rest, 'r', &nonce);
	if (!err && !scram_nonce_is_printable(nonce))
		err = ERR_SYNTAX;
	if (err)
		return sasl_fail(sasl, err);
	host->ops->scram_verifier(host, buf_view(&sasl->user), &sasl->verifier);
	err = scram_server_first(sasl, nonce);
	/* The start of AuthMessage; the client's last message will be put behind it. */
	if (!err)
		err = buf_add_slice(&sasl->scratch, bare);
	if (!err)
		err = buf_add_byte(&sasl->scratch, ',');
	if (!err)
		err = buf_add_slice(&sasl->scratch, buf_view(&sasl->out));
	sasl->state = SCRAM_CLIENT_FINAL;
	return err ? sasl_fail(sasl, err) : SASL_CONTINUE;
}

static enum err scram_check_binding(struct sasl *sasl, struct slice encoded)
{
	struct buf got;
	buf_init(&got, 2 * SASL_MAX_BYTES);
	enum err err = base64_decode(encoded, &got);
	if (!err && !secret_eq(buf_view(&got), buf_view(&sasl->binding)))
		err = ERR_DENIED;
	buf_wipe(&got);
	return err;
}

static enum err scram_decode_proof(struct slice encoded, uint8_t proof_out[SCRAM_KEY_BYTES])
{
	struct buf got;
	buf_init(&got, SASL_MAX_BYTES);
	enum err err = base64_decode(encoded, &got);
	if (!err && got.len != SCRAM_KEY_BYTES)
		err = ERR_SYNTAX;
	if (!err)
		memcpy(proof_out, buf_view(&got).ptr, SCRAM_KEY_BYTES);
	buf_wipe(&got);
	return err;
}

/* c=binding,r=nonce[,extensions],p=proof. The proof covers all before ",p=". */
static enum sasl_result scram_client_final(struct sasl *sasl, struct slice client)
{
	uint8_t proof[SCRAM_KEY_BYTES] = {0};
	struct slice rest = client, binding, nonce;
	size_t comma = slice_rfind_byte(client, ',');
	if (comma == SIZE_MAX)
		return sasl_fail(sasl, ERR_SYNTAX);
	struct slice encoded_proof = slice_from(client, comma + 1);
	enum err err = scram_attribute(&encoded_proof, 'p', &encoded_proof);
	if (!err)
		err = scram_decode_proof(encoded_proof, proof);
	if (!err)
		err = scram_attribute(&rest, 'c', &binding);
	if (!err)
		err = scram_attribute(&rest, 'r', &nonce);
	if (!err)
		err = buf_add_byte(&sasl->scratch, ',');
	if (!err)
		err = buf_add_slice(&sasl->scratch, slice_upto(client, comma));
	if (!err)
		err = scram_check_binding(sasl, binding);
	if (!err && !secret_eq(nonce, buf_view(&sasl->secret)))
		err = ERR_DENIED;
	if (!err && !scram_proof_is_right(&sasl->verifier, buf_view(&sasl->scratch), proof))
		err = ERR_DENIED;
	if (err == ERR_DENIED)
		return sasl_ask(sasl, sasl->session->host->ops->auth_failed);
	if (err)
		return sasl_fail(sasl, err);
	sasl->request.is_verified = true;
	sasl->request.verifier = &sasl->verifier;
	return sasl_ask_host(sasl);
}

static enum sasl_result scram_step(struct sasl *sasl, struct slice client)
{
	return sasl->state == SCRAM_CLIENT_FIRST ? scram_client_first(sasl, client)
						 : scram_client_final(sasl, client);
}

static enum sasl_result scram_accepted(struct sasl *sasl)
{
	uint8_t signature[SCRAM_KEY_BYTES];
	enum err err = scram_server_signature(&sasl->verifier, buf_view(&sasl->scratch), signature);
	if (!err)
		err = buf_add_str(&sasl->out, "v=");
	if (!err)
		err = base64_add(&sasl->out, slice_of(signature, sizeof(signature)));
	return err ? sasl_fail(sasl, err) : SASL_OK;
}

const struct sasl_mechanism sasl_scram_sha256 = {
	.name = "SCRAM-SHA-256", .step = scram_step, .accepted = scram_accepted};
const struct sasl_mechanism sasl_scram_sha256_plus = {.name = "SCRAM-SHA-256-PLUS",
						      .binds_channel = true,
						      .step = scram_step,
						      .accepted = scram_accepted};
