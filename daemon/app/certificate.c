#include "app/app_part.h"
#include "app/certificate.h"

#include <ifaddrs.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"
#include "net/tls.h"

enum { CERTIFICATE_NAMES_MAX = 32, RENEW_LOOK_MS = 24 * 60 * 60 * 1000 };

struct name_list {
	char text[CERTIFICATE_NAMES_MAX][SETTING_TEXT_MAX];
	const char *names[CERTIFICATE_NAMES_MAX];
	size_t count;
};

static void name_add(struct name_list *list, struct slice name)
{
	if (list->count == CERTIFICATE_NAMES_MAX || name.len == 0)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (slice_eq_str_nocase(name, list->names[i]))
			return;
	char *text = list->text[list->count];
	if (slice_to_str(name, text, SETTING_TEXT_MAX))
		return;
	list->names[list->count++] = text;
}

static void name_add_address(struct name_list *list, const struct sockaddr *sa)
{
	struct net_address address = {0};
	char text[64];
	bool is_six = sa->sa_family == AF_INET6;
	if (!is_six && sa->sa_family != AF_INET)
		return;
	address.len = is_six ? sizeof(address.v6) : sizeof(address.v4);
	memcpy(&address, sa, address.len);
	net_address_text(&address, text, sizeof(text));
	/* A link-local address names an interface too; no client asks for that. */
	if (slice_find_byte(slice_str(text), '%') == SIZE_MAX)
		name_add(list, slice_str(text));
}

static void name_add_interfaces(struct name_list *list)
{
	struct ifaddrs *all = NULL;
	if (getifaddrs(&all) != 0)
		return;
	for (struct ifaddrs *i = all; i; i = i->ifa_next)
		if (i->ifa_addr)
			name_add_address(list, i->ifa_addr);
	freeifaddrs(all);
}

/* Makes what is missing, and anew what is old or names others. */
static enum err certificate_make(struct appliance *a)
{
	struct name_list *list = calloc(1, sizeof(*list));
	struct slice words = slice_str(a->settings.tls_names);
	const char *dir = appliance_path(a, "tls");
	a->certificate_looked_ms = clock_mono_ms();
	a->clock_was_sane = clock_is_sane();
	if (!list)
		return ERR_NOMEM;
	name_add(list, slice_str(a->hostname));
	while (words.len)
		name_add(list, slice_word(&words));
	name_add(list, SLICE_LIT("surel.local"));
	name_add(list, SLICE_LIT("localhost"));
	name_add_interfaces(list);
	enum err err = file_make_dir(dir, 0700);
	if (!err)
		err = tls_make_house_certificate(dir, list->names, list->count);
	free(list);
	return err;
}

static void certificate_complain(enum err err)
{
	log_warn(0, "the certificate cannot be renewed: %s", err_text(err));
}

static enum err certificate_start(struct appliance *a)
{
	char cert[sizeof(a->path)];
	if (!a->settings.tls_enabled)
		return ERR_NONE;
	enum err made = certificate_make(a);
	memcpy(cert, appliance_path(a, "tls/cert.pem"), sizeof(cert));
	struct tls_files files = {.cert_path = cert, .key_path = appliance_path(a, "tls/key.pem")};
	/* What is there serves on, when no better one can be written. */
	enum err err = tls_context_open(&files, &a->host.tls);
	if (!err && made)
		certificate_complain(made);
	return err && made ? made : err;
}

static void certificate_renew(struct appliance *a)
{
	enum err err = certificate_make(a);
	if (err)
		certificate_complain(err);
}

static void certificate_look_after(struct appliance *a)
{
	if (!a->host.tls)
		return;
	if (clock_mono_ms() - a->certificate_looked_ms >= RENEW_LOOK_MS ||
	    clock_is_sane() != a->clock_was_sane)
		certificate_renew(a);
	if (!tls_context_is_stale(a->host.tls))
		return;
	enum err err = tls_context_reload(a->host.tls);
	a->house_ca = HOUSE_CA_UNKNOWN;
	if (err)
		log_warn(0, "the replaced certificate cannot be used: %s", err_text(err));
	else
		log_info(0, "certificate replaced");
}

void certificate_follow(struct appliance *a, const struct settings *before)
{
	bool is_renamed = strcmp(before->hostname, a->settings.hostname) != 0 ||
			  strcmp(before->tls_names, a->settings.tls_names) != 0;
	a->house_ca = HOUSE_CA_UNKNOWN;
	if (!a->settings.tls_enabled) {
		tls_context_unref(&a->host.tls);
	} else if (!a->host.tls) {
		enum err err = before->tls_enabled ? ERR_NONE : certificate_start(a);
		if (err)
			log_error(0, "no encryption: %s", err_text(err));
	} else if (is_renamed) {
		certificate_renew(a);
		certificate_look_after(a);
	}
}

static void certificate_reload(struct appliance *a)
{
	if (a->host.tls && tls_context_reload(a->host.tls))
		log_warn(0, "the certificate could not be read again; the old one stays");
}

static void certificate_stop(struct appliance *a)
{
	tls_context_unref(&a->host.tls);
}

const struct app_part certificate_part = {.what = "prepare the certificate",
					  .start = certificate_start,
					  .at[APP_MINUTE] = certificate_look_after,
					  .at[APP_RELOAD] = certificate_reload,
					  .at[APP_STOP] = certificate_stop};

/* --- for devices ------------------------------------------------------------------------------ */

enum { CA_PEM_MAX = 16 * 1024 };

/* The first certificate of a PEM file. */
static enum err pem_to_der(struct slice pem, struct buf *der)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----",
			  end[] = "-----END CERTIFICATE-----";
	size_t from = slice_find(pem, slice_str(begin));
	struct slice rest = from == SIZE_MAX ? SLICE_EMPTY : slice_from(pem, from + strlen(begin));
	size_t to = slice_find(rest, slice_str(end));
	struct buf joined;
	if (to == SIZE_MAX)
		return ERR_SYNTAX;
	rest = slice_upto(rest, to);
	buf_init(&joined, CA_PEM_MAX);
	enum err err = ERR_NONE;
	while (!err && rest.len)
		err = buf_add_slice(&joined, slice_trim(slice_split(&rest, '\n')));
	if (!err)
		err = base64_decode(buf_view(&joined), der);
	buf_free(&joined);
	return err;
}

enum err certificate_house_ca(struct appliance *a, bool as_pem, struct buf *dst)
{
	struct buf pem;
	if (!a->host.tls)
		return ERR_NOT_FOUND;
	if (a->house_ca == HOUSE_CA_UNKNOWN)
		a->house_ca = tls_is_house_certificate(appliance_path(a, "tls"))
				      ? HOUSE_CA_IN_USE
				      : HOUSE_CA_NOT_IN_USE;
	if (a->house_ca == HOUSE_CA_NOT_IN_USE)
		return ERR_NOT_FOUND;
	buf_init(&pem, CA_PEM_MAX);
	enum err err = file_read(appliance_path(a, "tls/ca.pem"), &pem);
	if (!err)
		err = as_pem ? buf_add_slice(dst, buf_view(&pem)) : pem_to_der(buf_view(&pem), dst);
	buf_free(&pem);
	return err;
}
