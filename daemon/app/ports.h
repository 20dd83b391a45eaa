/* ports - which services listen where: the table behind the listeners, status and help. */
#ifndef APP_PORTS_H
#define APP_PORTS_H

#include "app/appliance.h"

struct port {
	uint16_t number;         /* well-known; the port base is added */
	enum service service;
	bool is_implicit_tls;
	const char *name;        /* "imaps" */
	size_t enabled;          /* offset of its switch in struct settings */
	void (*accepted)(void *appliance, struct stream *s, bool over_limit);
};
extern const struct port port_table[];
extern const size_t port_count;

/* Opens every enabled port on every address. One that cannot be opened is logged and counted as
 * failure only when nothing at all could be opened. */
MUST_CHECK enum err ports_open(struct appliance *a);
void ports_close(struct appliance *a);

#endif
