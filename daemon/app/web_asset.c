#include "app/web_asset.h"

#include <stdlib.h>
#include <zlib.h>

#include "app/web.h"

enum err web_asset_inflate(const struct web_asset *asset, uint8_t *dst)
{
	enum {
		GZIP_HEADER = 10
	}; /* RFC 1952 2.3, without a name: a board's zlib leaves it to us */
	z_stream z = {.next_in = (uint8_t *)asset->gzip + GZIP_HEADER};
	z.avail_in = (uInt)asset->gzip_len - GZIP_HEADER;
	z.next_out = dst;
	z.avail_out = (uInt)asset->plain_len;
	if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
		return ERR_NOMEM;
	int rc = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	return rc == Z_STREAM_END && z.avail_out == 0 ? ERR_NONE : ERR_CORRUPT;
}

static const struct web_asset *asset_find(struct slice path)
{
	for (size_t i = 0; i < web_asset_count; i++)
		if (slice_eq_str(path, web_assets[i].path))
			return &web_assets[i];
	return NULL;
}

/* "br, gzip;q=0.5": every browser says it without an odd weight; "gzip;q=0" is a no. */
static bool client_takes_gzip(struct http_exchange *x)
{
	struct slice rest = http_field(x, "Accept-Encoding");
	while (rest.len) {
		struct slice parameters = slice_split(&rest, ',');
		struct slice coding = slice_trim(slice_split(&parameters, ';'));
		if (slice_eq_str_nocase(coding, "gzip"))
			return !slice_eq_str_nocase(slice_trim(parameters), "q=0");
	}
	return false;
}

static enum step asset_reply_plain(struct http_exchange *x, const struct web_asset *asset)
{
	uint8_t *plain = malloc(asset->plain_len);
	enum step step =
		plain && !web_asset_inflate(asset, plain)
			? http_reply(x, 200, asset->type, slice_of(plain, asset->plain_len))
			: http_reply(x, 503, "text/plain; charset=utf-8", SLICE_EMPTY);
	free(plain);
	return step;
}

static enum step asset_run(struct http_exchange *x)
{
	const struct web_asset *asset = asset_find(x->request.path);
	if (!asset)
		return http_reply(x, 404, "text/plain; charset=utf-8", SLICE_EMPTY);
	/* Asked again each time the page is opened, answered in one packet: an update of the box
	 * never meets an old style sheet. */
	http_add_field(x, "Cache-Control", "no-cache");
	http_add_field(x, "ETag", "%s", asset->etag);
	http_add_field(x, "Vary", "Accept-Encoding");
	if (slice_eq_str(http_field(x, "If-None-Match"), asset->etag))
		return http_reply(x, 304, NULL, SLICE_EMPTY);
	if (!client_takes_gzip(x))
		return asset_reply_plain(x, asset);
	http_add_field(x, "Content-Encoding", "gzip");
	return http_reply(x, 200, asset->type, slice_of(asset->gzip, asset->gzip_len));
}

static const struct http_route asset_rows[] = {
	{.path = "/style.css", .methods = HTTP_GET, .access = WEB_ASSET, .run = asset_run},
	{.path = "/surel.js", .methods = HTTP_GET, .access = WEB_ASSET, .run = asset_run},
	{.path = "/icon.svg", .methods = HTTP_GET, .access = WEB_ASSET, .run = asset_run},
	{.path = "/favicon.ico", .methods = HTTP_GET, .access = WEB_ASSET, .run = asset_run},
};
const struct http_routes web_asset_routes = {asset_rows,
					     sizeof(asset_rows) / sizeof(asset_rows[0])};
