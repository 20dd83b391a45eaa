#include "app/ports.h"

#include <stddef.h>

#include "base/log.h"
#include "proto/protocols.h"

/* Command lines are at most 64 KiB; data is taken out as it comes. */
enum { PORT_IN_MAX_BYTES = 16 * 1024 };

static void accept_imap(void *a, struct stream *s, bool over_limit)
{
	imap_session_start(&((struct appliance *)a)->host, s, over_limit);
}

static void accept_pop3(void *a, struct stream *s, bool over_limit)
{
	pop3_session_start(&((struct appliance *)a)->host, s, over_limit);
}

static void accept_smtp(void *a, struct stream *s, bool over_limit)
{
	smtp_session_start(&((struct appliance *)a)->host, s, SERVICE_SMTP, over_limit);
}

static void accept_submission(void *a, struct stream *s, bool over_limit)
{
	smtp_session_start(&((struct appliance *)a)->host, s, SERVICE_SUBMISSION, over_limit);
}

static void accept_lmtp(void *a, struct stream *s, bool over_limit)
{
	smtp_session_start(&((struct appliance *)a)->host, s, SERVICE_LMTP, over_limit);
}

#define SWITCH(member) offsetof(struct settings, member)
const struct port port_table[] = {
        {143, SERVICE_IMAP, false, "imap", SWITCH(imap_enabled), accept_imap},
        {993, SERVICE_IMAP, true, "imaps", SWITCH(imap_enabled), accept_imap},
        {110, SERVICE_POP3, false, "pop3", SWITCH(pop3_enabled), accept_pop3},
        {995, SERVICE_POP3, true, "pop3s", SWITCH(pop3_enabled), accept_pop3},
        {25, SERVICE_SMTP, false, "smtp", SWITCH(smtp_enabled), accept_smtp},
        {587, SERVICE_SUBMISSION, false, "submission", SWITCH(submission_enabled),
         accept_submission},
        {465, SERVICE_SUBMISSION, true, "submissions", SWITCH(submission_enabled),
         accept_submission},
        {24, SERVICE_LMTP, false, "lmtp", SWITCH(lmtp_enabled), accept_lmtp},
};
const size_t port_count = sizeof(port_table) / sizeof(port_table[0]);

static enum err port_open(struct appliance *a, const struct port *p, const char *address)
{
	struct listener_config config = {
	        .address = address,
	        .port = (uint16_t)(a->options.port_base + p->number),
	        .is_implicit_tls = p->is_implicit_tls,
	        .tls = a->host.tls,
	        .table = a->connections,
	        .in_max_bytes = PORT_IN_MAX_BYTES,
	        .accepted = p->accepted,
	        .owner = a,
	};
	if (a->listener_count == LISTENERS_MAX)
		return ERR_LIMIT;
	enum err err = listener_open(a->loop, &config, &a->listeners[a->listener_count]);
	if (err)
		log_error(0, "cannot listen on port %u (%s): %s", config.port, p->name, err_text(err));
	else
		a->listener_count++;
	return err;
}

static bool port_is_wanted(const struct appliance *a, const struct port *p)
{
	const bool *enabled = (const void *)((const char *)&a->settings + p->enabled);
	return *enabled && (!p->is_implicit_tls || a->host.tls);
}

enum err ports_open(struct appliance *a)
{
	enum err first = ERR_NONE;
	for (size_t i = 0; i < port_count; i++) {
		if (!port_is_wanted(a, &port_table[i]))
			continue;
		size_t addresses = a->options.listen_count ? a->options.listen_count : 1;
		for (size_t n = 0; n < addresses; n++) {
			const char *address = a->options.listen_count ? a->options.listen[n] : NULL;
			enum err err = port_open(a, &port_table[i], address);
			if (err && !first)
				first = err;
		}
	}
	return a->listener_count ? ERR_NONE : first;
}

void ports_close(struct appliance *a)
{
	while (a->listener_count)
		listener_close(&a->listeners[--a->listener_count]);
}
