#include "app/client_config.h"

#include <arpa/inet.h>

#include "app/user.h"
#include "proto/protocols.h"

static bool label_is_valid(struct slice label)
{
	if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!ascii_is_alpha(label.ptr[i]) && !ascii_is_digit(label.ptr[i]) &&
		    label.ptr[i] != '-')
			return false;
	return true;
}

bool client_host_is_valid(struct slice name)
{
	if (name.len == 0 || name.len > 253 || name.ptr[name.len - 1] == '.')
		return false;
	while (name.len)
		if (!label_is_valid(slice_split(&name, '.')))
			return false;
	return true;
}

bool client_host_is_numeric(struct slice name)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	if (name.len > 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']')
		name = slice_between(name, 1, name.len - 1);
	return !slice_to_str(name, text, sizeof(text)) &&
	       (inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1);
}

/* --- names ------------------------------------------------------------------------------------ */

/* Names by which clients look for the settings of a domain, not for a server of mail. */
static struct slice without_service_label(struct slice host)
{
	static const char *const labels[] = {"autoconfig.", "autodiscover.", "ua-auto-config."};
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (slice_starts_nocase(host, labels[i]))
			return slice_from(host, strlen(labels[i]));
	return host;
}

static bool is_in_certificate(const struct client_question *q, struct slice host)
{
	struct slice words = slice_str(q->settings->tls_names);
	if (slice_eq_str_nocase(host, q->hostname) || slice_eq_str_nocase(host, "surel.local") ||
	    slice_eq_str_nocase(host, "localhost") || client_host_is_numeric(host))
		return true;
	while (words.len)
		if (slice_eq_nocase(slice_word(&words), host))
			return true;
	return false;
}

/* A name that somebody has chosen for the box is the best one. Without, what the client has just
 * reached us by works for it, be it an address: the system's own name may be known to nobody. */
static enum err choose_host(const struct client_question *q, struct client_config *c)
{
	struct slice host = slice_str(q->hostname);
	if (!*q->settings->hostname && q->host.len && is_in_certificate(q, q->host))
		host = q->host;
	if (!client_host_is_valid(host) && !client_host_is_numeric(host))
		host = SLICE_LIT("surel.local");
	if (host.len > 2 && host.ptr[0] == '[')
		host = slice_between(host, 1, host.len - 1);
	return slice_to_str(host, c->host, sizeof(c->host));
}

static struct slice default_domain(const struct client_question *q, const struct client_config *c)
{
	struct slice domains = slice_str(q->settings->mail_domains);
	struct slice asked = without_service_label(q->host);
	bool was_asked_for = asked.len < q->host.len || domains.len;
	if (was_asked_for && client_host_is_valid(asked) && !client_host_is_numeric(asked) &&
	    user_domain_is_local(q->settings, asked) && !slice_eq_str_nocase(asked, "localhost"))
		return asked;
	struct slice first = slice_word(&domains);
	if (client_host_is_valid(first))
		return first;
	if (!client_host_is_numeric(slice_str(c->host)))
		return slice_str(c->host);
	struct slice own = slice_str(q->hostname);
	return client_host_is_valid(own) ? own : SLICE_LIT("surel.local");
}

static bool local_part_is_valid(struct slice local)
{
	for (size_t i = 0; i < local.len; i++)
		if (local.ptr[i] <= ' ' || local.ptr[i] == 127 ||
		    strchr("<>\"\\,;:@", local.ptr[i]))
			return false;
	return local.len > 0 && slice_is_utf8(local);
}

static enum err choose_address(const struct client_question *q, struct client_config *c)
{
	size_t at = slice_rfind_byte(q->address, '@');
	struct slice local = slice_upto(q->address, at);
	struct slice domain =
		at == SIZE_MAX ? default_domain(q, c) : slice_from(q->address, at + 1);
	if (q->address.len == 0) {
		memcpy(c->user, CLIENT_PLACEHOLDER, sizeof(CLIENT_PLACEHOLDER));
		return slice_to_str(domain, c->domain, sizeof(c->domain));
	}
	if (!local_part_is_valid(local) || !client_host_is_valid(domain) ||
	    local.len + 1 + domain.len >= sizeof(c->address))
		return ERR_SYNTAX;
	if (at != SIZE_MAX && !user_domain_is_local(q->settings, domain))
		return ERR_NOT_FOUND;
	/* A login name may name a device; nobody writes to a device. */
	size_t plus = at == SIZE_MAX ? slice_find_byte(local, '+') : SIZE_MAX;
	if (plus && plus != SIZE_MAX)
		local = slice_upto(local, plus);
	enum err err = slice_to_str(domain, c->domain, sizeof(c->domain));
	if (!err)
		err = slice_to_str(q->address, c->user, sizeof(c->user));
	if (!err)
		err = slice_to_str(local, c->address, sizeof(c->address));
	if (err)
		return err;
	c->address[local.len] = '@';
	return slice_to_str(domain, c->address + local.len + 1, sizeof(c->address) - local.len - 1);
}

/* --- services --------------------------------------------------------------------------------- */

static void find_ports(const struct client_question *q, enum service service,
		       struct client_service *s)
{
	for (const struct protocol *const *p = protocols; *p; p++)
		for (size_t i = 0; i < (*p)->port_count; i++) {
			const struct protocol_port *port = &(*p)->ports[i];
			uint16_t number = (uint16_t)(q->port_base + port->number);
			if (port->service != service)
				continue;
			if (!port->is_implicit_tls)
				s->starttls_port = number;
			else if (q->has_tls)
				s->port = number;
		}
}

static void choose_service(const struct client_question *q, enum service service, bool is_on,
			   struct client_service *s)
{
	find_ports(q, service, s);
	s->is_on = is_on && s->starttls_port;
}

/* A client that deletes does what the owner's policy would do sooner or later anyway, or is not told
 * to: a DELE of its own would take away what should go to Archive, or what other devices lack. */
static void choose_leaving(const struct policy *p, struct client_config *c)
{
	bool harmless = p->pop3_dele != POP3_DELE_DELETE;
	bool alone = p->pop3_devices == POP3_DEVICES_SHARED;
	c->leaves_mail = p->pop3_after != POP3_AFTER_DELETE || !(alone || harmless);
	if (c->leaves_mail && p->pop3_after <= POP3_AFTER_MARK_READ && (alone || harmless))
		c->leave_days = (uint32_t)(p->pop3_delete_days < 36500 ? p->pop3_delete_days : 0);
}

enum err client_config_make(const struct client_question *q, struct client_config *out)
{
	const struct settings *s = q->settings;
	const struct policy *p = q->policy;
	*out = (struct client_config){.has_tls = q->has_tls};
	choose_service(q, SERVICE_IMAP, s->imap_enabled && p->imap_access, &out->imap);
	choose_service(q, SERVICE_POP3, s->pop3_enabled && p->pop3_access != POP3_OFF, &out->pop3);
	choose_service(q, SERVICE_SUBMISSION, s->submission_enabled, &out->smtp);
	choose_leaving(p, out);
	out->pop3_first =
		out->pop3.is_on &&
		(!out->imap.is_on || p->pop3_after > POP3_AFTER_MARK_READ || p->pop3_delete_days);
	enum err err = choose_host(q, out);
	return err ? err : choose_address(q, out);
}
