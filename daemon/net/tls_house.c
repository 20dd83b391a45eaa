#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/tls_impl.h"
#include "net/tls_write.h"

#define HOUSE_CA_NAME "Surel house CA"

enum {
	DAY_S = 24 * 60 * 60,
	CA_DAYS = 3652,
	CERT_DAYS = 824, /* Apple's devices refuse 826 and more */
	RENEW_DAYS = 30,
};

/* A certificate and its key, as read or as made. */
struct house_pair {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
	bool has_cert, has_key;
};

struct house {
	char ca_cert[PATH_MAX], ca_key[PATH_MAX], cert[PATH_MAX], key[PATH_MAX];
	struct house_pair ca, server;
};

/* --- names ------------------------------------------------------------------------------------ */

static bool house_is_dns(struct slice s)
{
	if (s.len == 0 || s.len > TLS_NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '.' && c != '_')
			return false;
	}
	return true;
}

static enum err house_name_parse(const char *text, struct tls_name *out)
{
	struct slice s = slice_str(text);
	*out = (struct tls_name){.kind = MBEDTLS_X509_SAN_IP_ADDRESS};
	if (inet_pton(AF_INET, text, out->bytes) == 1) {
		out->len = 4;
	} else if (inet_pton(AF_INET6, text, out->bytes) == 1) {
		out->len = 16;
	} else {
		if (!s.len || !house_is_dns(s))
			return ERR_SYNTAX;
		out->kind = MBEDTLS_X509_SAN_DNS_NAME;
		out->len = (uint8_t)s.len;
		memcpy(out->bytes, s.ptr, s.len);
	}
	return ERR_NONE;
}

static bool house_cert_has_name(const mbedtls_x509_crt *cert, const struct tls_name *wanted)
{
	struct slice name = slice_of(wanted->bytes, wanted->len);
	for (const mbedtls_x509_sequence *at = &cert->subject_alt_names; at; at = at->next) {
		struct slice have = slice_of(at->buf.p, at->buf.len);
		if ((at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) != wanted->kind)
			continue;
		if (wanted->kind == MBEDTLS_X509_SAN_DNS_NAME ? slice_eq_nocase(have, name)
							      : slice_eq(have, name))
			return true;
	}
	return false;
}

/* --- what is there ---------------------------------------------------------------------------- */

static void house_pair_init(struct house_pair *p)
{
	mbedtls_x509_crt_init(&p->cert);
	mbedtls_pk_init(&p->key);
	p->has_cert = p->has_key = false;
}

static void house_pair_free(struct house_pair *p)
{
	mbedtls_x509_crt_free(&p->cert);
	mbedtls_pk_free(&p->key);
}

static void house_pair_read(struct house_pair *p, const char *cert_path, const char *key_path)
{
	p->has_cert = tls_read_cert(cert_path, &p->cert) == ERR_NONE;
	p->has_key = tls_read_key(key_path, &p->key) == ERR_NONE;
	if (p->has_cert && p->has_key && !tls_key_fits(&p->cert, &p->key))
		p->has_cert = false; /* a cut came between the two */
}

/* True when the certificate is valid now and for `days` more, as far as the clock can tell. */
static bool house_is_in_date(const mbedtls_x509_crt *cert, int days)
{
	int64_t now_s = clock_wall_s();
	return !clock_is_sane() || (tls_time_s(&cert->valid_from) <= now_s &&
				    tls_time_s(&cert->valid_to) > now_s + (int64_t)days * DAY_S);
}

static bool house_is_signed_by(struct house_pair *server, struct house_pair *ca)
{
	const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
	uint32_t flags = 0;
	if (!ca->has_cert)
		return false;
	int result =
		mbedtls_x509_crt_verify(&server->cert, &ca->cert, NULL, NULL, &flags, NULL, NULL);
	return result == 0 || (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && !(flags & ~dates));
}

/* Somebody put it there, perhaps while its key is still on the way: not ours to overwrite. */
static bool house_is_foreign(const struct house_pair *server)
{
	struct slice issuer = slice_of(server->cert.issuer_raw.p, server->cert.issuer_raw.len);
	return issuer.len && slice_find(issuer, SLICE_LIT(HOUSE_CA_NAME)) == SIZE_MAX;
}

static bool house_server_is_good(struct house *h, const struct tls_name *names, size_t count)
{
	if (!h->server.has_cert || !h->server.has_key || !house_is_signed_by(&h->server, &h->ca) ||
	    !house_is_in_date(&h->server.cert, RENEW_DAYS))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!house_cert_has_name(&h->server.cert, &names[i]))
			return false;
	return true;
}

/* --- making ----------------------------------------------------------------------------------- */

/* Written, and read back: what others will see is what we use. */
static enum err house_make_key(struct house_pair *p, const char *path)
{
	mbedtls_pk_free(&p->key);
	mbedtls_pk_init(&p->key);
	enum err err = tls_write_key(path);
	if (!err)
		err = tls_read_key(path, &p->key);
	p->has_key = !err;
	return err;
}

static enum err house_make_cert(struct house_pair *p, const char *path,
				const struct tls_certificate *wanted)
{
	enum err err = tls_write_certificate(path, wanted);
	mbedtls_x509_crt_free(&p->cert);
	mbedtls_x509_crt_init(&p->cert);
	if (!err)
		err = tls_read_cert(path, &p->cert);
	p->has_cert = !err;
	return err;
}

/* From yesterday, for clients whose clocks are behind. */
static void house_set_dates(struct tls_certificate *c, int days)
{
	c->from_s = clock_wall_or_floor_s() - DAY_S;
	c->to_s = c->from_s + (int64_t)days * DAY_S;
}

/* A CA of its own name each time, so that a client with an older one installed is not confused. */
static enum err house_make_ca(struct house *h)
{
	char name[64];
	struct tls_certificate c = {
		.common_name = name, .key = &h->ca.key, .issuer_key = &h->ca.key};
	enum err err = h->ca.has_key ? ERR_NONE : house_make_key(&h->ca, h->ca_key);
	snprintf(name, sizeof(name), HOUSE_CA_NAME " %08x",
		 (unsigned)(secret_random_u64() & 0xFFFFFFFFu));
	house_set_dates(&c, CA_DAYS);
	if (!err)
		err = house_make_cert(&h->ca, h->ca_cert, &c);
	if (!err)
		log_info(0, "made a certificate authority for this house: %s", h->ca_cert);
	return err;
}

static enum err house_make_server(struct house *h, const struct tls_name *names, size_t count,
				  const char *common_name)
{
	char name[65]; /* 64 bytes is what X.520 leaves for it; clients look at the names */
	struct tls_certificate c = {.common_name = name,
				    .names = names,
				    .name_count = count,
				    .key = &h->server.key,
				    .issuer = &h->ca.cert,
				    .issuer_key = &h->ca.key};
	int64_t ca_end_s = tls_time_s(&h->ca.cert.valid_to);
	snprintf(name, sizeof(name), "%s", common_name);
	house_set_dates(&c, CERT_DAYS);
	if (c.to_s > ca_end_s)
		c.to_s = ca_end_s;
	enum err err = house_make_key(&h->server, h->key);
	if (!err)
		err = house_make_cert(&h->server, h->cert, &c);
	if (!err)
		log_info(0, "made a certificate for %s", common_name);
	return err;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum err house_paths(struct house *h, const char *dir)
{
	enum err err = file_join(h->ca_cert, sizeof(h->ca_cert), dir, "ca.pem");
	if (!err)
		err = file_join(h->ca_key, sizeof(h->ca_key), dir, "ca.key");
	if (!err)
		err = file_join(h->cert, sizeof(h->cert), dir, "cert.pem");
	return err ? err : file_join(h->key, sizeof(h->key), dir, "key.pem");
}

static enum err house_put_in_order(struct house *h, const struct tls_name *names, size_t count,
				   const char *common_name)
{
	house_pair_read(&h->ca, h->ca_cert, h->ca_key);
	house_pair_read(&h->server, h->cert, h->key);
	if (house_is_foreign(&h->server) || house_server_is_good(h, names, count))
		return ERR_NONE;
	enum err err = ERR_NONE;
	if (!h->ca.has_key || !h->ca.has_cert || !house_is_in_date(&h->ca.cert, RENEW_DAYS))
		err = house_make_ca(h);
	return err ? err : house_make_server(h, names, count, common_name);
}

enum err tls_make_house_certificate(const char *dir, const char *const *names, size_t name_count)
{
	if (name_count > TLS_NAMES_MAX)
		return ERR_LIMIT;
	struct house *h = calloc(1, sizeof(*h));
	struct tls_name *parsed = calloc(TLS_NAMES_MAX, sizeof(*parsed));
	enum err err = h && parsed ? tls_prepare() : ERR_NOMEM;
	for (size_t i = 0; !err && i < name_count; i++)
		err = house_name_parse(names[i], &parsed[i]);
	if (!err)
		err = house_paths(h, dir);
	if (!err) {
		house_pair_init(&h->ca);
		house_pair_init(&h->server);
		err = house_put_in_order(h, parsed, name_count, name_count ? names[0] : "surel");
		house_pair_free(&h->ca);
		house_pair_free(&h->server);
	}
	free(parsed);
	free(h);
	return err;
}

bool tls_is_house_certificate(const char *dir)
{
	struct house *h = calloc(1, sizeof(*h));
	if (!h || tls_prepare() || house_paths(h, dir)) {
		free(h);
		return false;
	}
	house_pair_init(&h->ca);
	house_pair_init(&h->server);
	house_pair_read(&h->ca, h->ca_cert, h->ca_key);
	house_pair_read(&h->server, h->cert, h->key);
	/* The CA's key may have been taken away: its certificate is all that counts here. */
	bool is_ours = h->server.has_cert && house_is_signed_by(&h->server, &h->ca);
	house_pair_free(&h->ca);
	house_pair_free(&h->server);
	free(h);
	return is_ours;
}
