/* certificate - the house's certificate: made at first start, renewed, replaced without a restart.
 *
 * The server's certificate names the host, what the setting tls.names adds, surel.local, localhost
 * and every address of the box. A certificate that somebody put in its place is taken as it is. */
#ifndef APP_CERTIFICATE_H
#define APP_CERTIFICATE_H

#include "app/appliance.h"

/* The part sets host.tls, which stays NULL when TLS is switched off or not built in. Every minute it takes a
 * replaced file; once a day, and when the clock has become sane, it renews. */

/* Who must be trusted by devices: DATA/tls/ca.pem, appended as PEM or as DER. ERR_NOT_FOUND: there is
 * no TLS, or the certificate in use is of somebody else, whom the devices know. The answer is
 * remembered until the certificate changes. */
MUST_CHECK enum err certificate_house_ca(struct appliance *a, bool as_pem, struct buf *dst);

/* The settings were changed: `before` are the old ones, a->settings in force. */
void certificate_follow(struct appliance *a, const struct settings *before);

#endif
