/* web_asset - what web/ holds, compressed into the binary (daemon/web_assets.sh).
 *
 * Static files are sent as they lie here, gzip'ed, to every client that can inflate; the others get
 * them inflated. Templates and texts are one pack, which app/web_pack.h opens. */
#ifndef APP_WEB_ASSET_H
#define APP_WEB_ASSET_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct web_asset {
	const char *path, *type, *etag;
	const uint8_t *gzip;
	size_t gzip_len, plain_len;
};

extern const struct web_asset web_assets[];
extern const size_t web_asset_count;
extern const struct web_asset web_pack;

/* Exactly plain_len octets to dst. ERR_NOMEM; ERR_CORRUPT. */
MUST_CHECK enum err web_asset_inflate(const struct web_asset *asset, uint8_t *dst);

#endif
