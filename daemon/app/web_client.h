/* web_client - what a mail program must know, for a request to the page: the question to
 * app/client_config.h put together from settings, connection and Host field.
 *
 * Who asks from the house's own network is told the owner's policy; strangers always get the
 * house's default, so that an answer says nothing about who has a mailbox here. */
#ifndef APP_WEB_CLIENT_H
#define APP_WEB_CLIENT_H

#include "app/client_config.h"
#include "app/web.h"

enum { WEB_URL_MAX = 1024 };

/* As client_config_make. */
MUST_CHECK enum err web_client_config(struct http_exchange *x, struct slice address,
                                      struct client_config *out);
/* "https://mail.example.org:10443" and the path behind it. ERR_LIMIT. */
MUST_CHECK enum err web_client_url(struct http_exchange *x, const struct client_config *c,
                                   bool is_tls, const char *path, char *dst, size_t dst_size);
/* "/connect/" and the name, with what a path cannot hold in percents. ERR_LIMIT. */
MUST_CHECK enum err web_connect_path(const char *user, char *dst, size_t dst_size);
/* The page for a device, as it is put into a QR code. Over plain HTTP where that is allowed and the
 * device does not know our certificate yet: there it gets it. */
MUST_CHECK enum err web_connect_url(struct http_exchange *x, const struct client_config *c,
                                    char *dst, size_t dst_size);

#endif
