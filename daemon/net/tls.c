#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <mbedtls/ssl_ticket.h>
#ifdef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
#include <psa/crypto.h>
#endif

#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/tls_impl.h"

enum {
	TLS_FILE_MAX_BYTES = 64 * 1024,
	TLS_TICKET_SECONDS = 24 * 60 * 60, /* how long a session can be resumed */
};

/* Tells a replaced file from the one that was loaded. */
struct tls_stamp {
	struct timespec mtime;
	off_t size;
	ino_t inode;
};

struct tls_context {
	unsigned refs;
	char *cert_path, *key_path;
	struct tls_stamp cert_stamp, key_stamp;
	mbedtls_ssl_ticket_context tickets;
	struct tls_pair *pair;
};

int tls_random(void *unused, unsigned char *dst, size_t n)
{
	(void)unused;
	secret_random(dst, n);
	return 0;
}

#ifdef MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG
/* Our build of the library has no generator of its own. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
					     uint8_t *output, size_t output_size,
					     size_t *output_length)
{
	(void)context;
	*output_length = output_size;
	return tls_random(NULL, output, output_size) ? PSA_ERROR_INSUFFICIENT_ENTROPY : PSA_SUCCESS;
}
#endif

int64_t tls_time_s(const mbedtls_x509_time *t)
{
	struct tm tm = {.tm_year = t->year - 1900,
			.tm_mon = t->mon - 1,
			.tm_mday = t->day,
			.tm_hour = t->hour,
			.tm_min = t->min,
			.tm_sec = t->sec};
	return (int64_t)timegm(&tm);
}

/* --- files ------------------------------------------------------------------------------------ */

/* The file with a NUL behind it, which mbedTLS wants to see in PEM. */
static enum err tls_read_pem(const char *path, struct buf *pem)
{
	enum err err = file_read(path, pem);
	return err ? err : buf_add_byte(pem, 0);
}

enum err tls_read_cert(const char *path, mbedtls_x509_crt *cert)
{
	struct buf pem;
	buf_init(&pem, TLS_FILE_MAX_BYTES);
	enum err err = tls_read_pem(path, &pem);
	/* A positive result counts certificates of the chain that could not be read. */
	if (!err && mbedtls_x509_crt_parse(cert, buf_view(&pem).ptr, pem.len) != 0)
		err = ERR_SYNTAX;
	buf_free(&pem);
	return err;
}

enum err tls_read_key(const char *path, mbedtls_pk_context *key)
{
	struct buf pem;
	buf_init(&pem, TLS_FILE_MAX_BYTES);
	enum err err = tls_read_pem(path, &pem);
	if (!err &&
	    mbedtls_pk_parse_key(key, buf_view(&pem).ptr, pem.len, NULL, 0, tls_random, NULL))
		err = ERR_SYNTAX;
	buf_wipe(&pem);
	return err;
}

bool tls_key_fits(const mbedtls_x509_crt *cert, const mbedtls_pk_context *key)
{
	return mbedtls_pk_check_pair(&cert->pk, key, tls_random, NULL) == 0;
}

static struct tls_stamp tls_stamp_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return (struct tls_stamp){.size = -1};
	return (struct tls_stamp){.mtime = st.st_mtim, .size = st.st_size, .inode = st.st_ino};
}

static bool tls_stamp_eq(struct tls_stamp a, struct tls_stamp b)
{
	return a.size == b.size && a.inode == b.inode && a.mtime.tv_sec == b.mtime.tv_sec &&
	       a.mtime.tv_nsec == b.mtime.tv_nsec;
}

/* --- key pairs -------------------------------------------------------------------------------- */

static enum err tls_pair_load(struct tls_pair *pair, const struct tls_context *ctx)
{
	enum err err = tls_read_cert(ctx->cert_path, &pair->cert);
	if (!err)
		err = tls_read_key(ctx->key_path, &pair->key);
	if (!err && !tls_key_fits(&pair->cert, &pair->key))
		err = ERR_DENIED;
	return err;
}

static enum err tls_pair_configure(struct tls_pair *pair, struct tls_context *ctx)
{
	mbedtls_ssl_config *c = &pair->config;
	if (mbedtls_ssl_config_defaults(c, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT))
		return ERR_NOMEM;
	mbedtls_ssl_conf_rng(c, tls_random, NULL);
	mbedtls_ssl_conf_min_tls_version(c, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(c, tls_newest);
	mbedtls_ssl_conf_session_tickets_cb(c, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
					    &ctx->tickets);
	if (mbedtls_ssl_conf_own_cert(c, &pair->cert, &pair->key))
		return ERR_NOMEM;
	return ERR_NONE;
}

static void tls_pair_free(struct tls_pair *pair)
{
	mbedtls_ssl_config_free(&pair->config);
	mbedtls_x509_crt_free(&pair->cert);
	mbedtls_pk_free(&pair->key);
	free(pair);
}

static enum err tls_pair_new(struct tls_context *ctx, struct tls_pair **pair_out)
{
	struct tls_pair *pair = calloc(1, sizeof(*pair));
	if (!pair)
		return ERR_NOMEM;
	pair->refs = 1;
	mbedtls_ssl_config_init(&pair->config);
	mbedtls_x509_crt_init(&pair->cert);
	mbedtls_pk_init(&pair->key);
	enum err err = tls_pair_load(pair, ctx);
	if (!err)
		err = tls_pair_configure(pair, ctx);
	if (err)
		tls_pair_free(pair);
	else
		*pair_out = pair;
	return err;
}

struct tls_pair *tls_pair_ref(struct tls_context *ctx)
{
	ctx->pair->refs++;
	return ctx->pair;
}

void tls_pair_unref(struct tls_pair **pair)
{
	if (*pair && --(*pair)->refs == 0)
		tls_pair_free(*pair);
	*pair = NULL;
}

/* --- contexts --------------------------------------------------------------------------------- */

enum err tls_context_reload(struct tls_context *ctx)
{
	/* Stamps are taken before reading: a change in between is then seen as one. They are kept
	 * on failure too, so that broken files are complained about once and not daily. */
	ctx->cert_stamp = tls_stamp_of(ctx->cert_path);
	ctx->key_stamp = tls_stamp_of(ctx->key_path);
	struct tls_pair *pair = NULL;
	enum err err = tls_pair_new(ctx, &pair);
	if (err) {
		log_error(0, "certificate %s cannot be used: %s", ctx->cert_path,
			  err == ERR_DENIED ? "the key is not its own" : err_text(err));
		return err;
	}
	tls_pair_unref(&ctx->pair);
	ctx->pair = pair;
	return ERR_NONE;
}

enum err tls_context_open(const struct tls_files *files, struct tls_context **out)
{
	enum err err = tls_prepare();
	if (err)
		return err;
	struct tls_context *ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return ERR_NOMEM;
	ctx->refs = 1;
	mbedtls_ssl_ticket_init(&ctx->tickets);
	ctx->cert_path = strdup(files->cert_path);
	ctx->key_path = strdup(files->key_path);
	if (!ctx->cert_path || !ctx->key_path ||
	    mbedtls_ssl_ticket_setup(&ctx->tickets, tls_random, NULL, MBEDTLS_CIPHER_AES_256_GCM,
				     TLS_TICKET_SECONDS))
		err = ERR_NOMEM;
	if (!err)
		err = tls_context_reload(ctx);
	if (err)
		tls_context_unref(&ctx);
	else
		*out = ctx;
	return err;
}

bool tls_context_is_stale(const struct tls_context *ctx)
{
	return !tls_stamp_eq(ctx->cert_stamp, tls_stamp_of(ctx->cert_path)) ||
	       !tls_stamp_eq(ctx->key_stamp, tls_stamp_of(ctx->key_path));
}

int64_t tls_context_not_after(const struct tls_context *ctx)
{
	return tls_time_s(&ctx->pair->cert.valid_to);
}

struct tls_context *tls_context_ref(struct tls_context *ctx)
{
	if (ctx)
		ctx->refs++;
	return ctx;
}

void tls_context_unref(struct tls_context **ctx)
{
	struct tls_context *c = *ctx;
	*ctx = NULL;
	if (!c || --c->refs)
		return;
	tls_pair_unref(&c->pair);
	mbedtls_ssl_ticket_free(&c->tickets);
	free(c->cert_path);
	free(c->key_path);
	free(c);
}
