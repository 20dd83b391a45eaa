/* What stands in for stream_tls.c, tls.c and tls_house.c in a build without TLS. */
#include "net/stream.h"
#include "net/tls.h"

enum err tls_context_open(const struct tls_files *files, struct tls_context **out)
{
	(void)files;
	*out = NULL;
	return ERR_UNSUPPORTED;
}

enum err tls_context_reload(struct tls_context *ctx)
{
	(void)ctx;
	return ERR_UNSUPPORTED;
}

bool tls_context_is_stale(const struct tls_context *ctx)
{
	(void)ctx;
	return false;
}

int64_t tls_context_not_after(const struct tls_context *ctx)
{
	(void)ctx;
	return 0;
}

struct tls_context *tls_context_ref(struct tls_context *ctx)
{
	return ctx;
}

void tls_context_unref(struct tls_context **ctx)
{
	*ctx = NULL;
}

enum err tls_make_house_certificate(const char *dir, const char *const *names, size_t name_count)
{
	(void)dir, (void)names, (void)name_count;
	return ERR_UNSUPPORTED;
}

bool tls_is_house_certificate(const char *dir)
{
	(void)dir;
	return false;
}

enum err tls_transport_new(struct tls_context *ctx, struct transport *lower,
			   struct transport **transport_out)
{
	(void)ctx;
	*transport_out = NULL;
	lower->ops->close(lower);
	return ERR_UNSUPPORTED;
}

enum err stream_start_tls(struct stream *s, struct tls_context *tls)
{
	(void)s, (void)tls;
	return ERR_UNSUPPORTED;
}

bool stream_is_tls(const struct stream *s)
{
	(void)s;
	return false;
}

const char *stream_tls_text(const struct stream *s)
{
	(void)s;
	return "";
}

enum err stream_tls_exporter(const struct stream *s, uint8_t out[32])
{
	(void)s, (void)out;
	return ERR_UNSUPPORTED;
}
