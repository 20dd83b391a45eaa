/* What mail programs ask by themselves. Answers are the same for names that exist and names that do
 * not, and good under any Host name. */
#include <string.h>

#include "app/autodiscover_request.h"
#include "app/profile.h"
#include "app/web.h"
#include "app/web_client.h"
#include "base/clock.h"

static const char xml_type[] = "text/xml; charset=utf-8";

/* A sentence for the log of a program, or for who tries it by hand. */
static enum step refuse(struct http_exchange *x, int status, const char *sentence)
{
	return http_reply(x, status, "text/plain; charset=utf-8", slice_str(sentence));
}

static enum step reply(struct http_exchange *x, const char *type, enum err err, struct buf *body)
{
	enum step step = err ? refuse(x, 500, "The settings could not be written.\n")
			     : http_reply(x, 200, type, buf_view(body));
	buf_free(body);
	return step;
}

/* --- Thunderbird, K-9, Evolution, ... ---------------------------------------------------------- */

static enum step run_thunderbird(struct http_exchange *x)
{
	struct client_config c;
	struct buf body;
	enum err err = web_client_config(x, slice_str(web_query(x, "emailaddress")), &c);
	/* Many programs send no address, or what the person has typed so far: the placeholder serves
	 * them all. */
	if (err == ERR_SYNTAX)
		err = web_client_config(x, SLICE_EMPTY, &c);
	if (err)
		return refuse(x, 404, "Mail of this domain is not kept here.\n");
	if (!profile_is_possible(&c))
		return refuse(x, 404, "No mail service is offered here with encryption.\n");
	buf_init(&body, PROFILE_MAX_BYTES);
	return reply(x, xml_type, profile_write(PROFILE_THUNDERBIRD, &c, &body), &body);
}

/* --- Apple's and others' to come --------------------------------------------------------------- */

static enum step run_pacc(struct http_exchange *x)
{
	struct client_config c;
	struct buf body;
	if (web_client_config(x, SLICE_EMPTY, &c) || !profile_is_possible(&c))
		return refuse(x, 404, "No mail service is offered here with encryption.\n");
	buf_init(&body, PROFILE_MAX_BYTES);
	return reply(x, "application/json", profile_pacc(&c, &body), &body);
}

/* --- Outlook ----------------------------------------------------------------------------------- */

#define NS_MOBILE "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/"

static enum step outlook_error(struct http_exchange *x, enum outlook_error error)
{
	struct buf body;
	buf_init(&body, PROFILE_MAX_BYTES);
	return reply(x, xml_type, profile_outlook_error(error, clock_wall_s(), &body), &body);
}

static enum step run_autodiscover_xml(struct http_exchange *x)
{
	struct autodiscover_request request;
	struct client_config c;
	struct buf body;
	if (x->request.method != HTTP_POST ||
	    autodiscover_request_scan(buf_view(&x->body), &request))
		return outlook_error(x, OUTLOOK_INVALID_REQUEST);
	if (slice_starts_nocase(slice_str(request.schema), NS_MOBILE))
		return outlook_error(x, OUTLOOK_NO_PROVIDER);
	enum err err = web_client_config(x, slice_str(request.address), &c);
	if (err)
		return outlook_error(x, err == ERR_SYNTAX ? OUTLOOK_INVALID_REQUEST
							  : OUTLOOK_NO_SUCH_ADDRESS);
	if (!profile_is_possible(&c))
		return outlook_error(x, OUTLOOK_NO_PROVIDER);
	buf_init(&body, PROFILE_MAX_BYTES);
	return reply(x, xml_type, profile_write(PROFILE_OUTLOOK, &c, &body), &body);
}

static enum step json_error(struct http_exchange *x, int status, const char *code,
			    const char *message)
{
	struct model *o = model_new();
	model_text(o, "ErrorCode", code);
	model_text(o, "ErrorMessage", message);
	return web_json(x, status, o);
}

/* "autodiscover.json/v1.0/alice@example.org", or ?Email= */
static struct slice json_address(struct http_exchange *x)
{
	static const char *const names[] = {"Email", "email"};
	size_t at = slice_rfind_byte(x->tail, '/');
	if (at != SIZE_MAX)
		return slice_from(x->tail, at + 1);
	const char *value = "";
	for (size_t i = 0; !*value && i < sizeof(names) / sizeof(names[0]); i++)
		value = web_query(x, names[i]);
	return slice_str(value);
}

static enum step run_autodiscover_json(struct http_exchange *x)
{
	struct client_config c;
	char url[WEB_URL_MAX];
	const char *protocol = web_query(x, "Protocol");
	if (!*protocol)
		protocol = web_query(x, "protocol");
	if (!*protocol)
		return json_error(x, 400, "MandatoryParameterMissing",
				  "The parameter Protocol is missing.");
	if (!slice_eq_str_nocase(slice_str(protocol), "AutodiscoverV1"))
		return json_error(x, 400, "ProtocolNotSupported",
				  "The protocol is not supported; AutodiscoverV1 is.");
	struct slice address = json_address(x);
	if (!address.len)
		return json_error(x, 400, "MandatoryParameterMissing",
				  "The parameter Email is missing.");
	enum err err = web_client_config(x, address, &c);
	if (err)
		return json_error(x, err == ERR_SYNTAX ? 400 : 404,
				  err == ERR_SYNTAX ? "InvalidUserId" : "UserNotFound",
				  "This is no mail address of this box.");
	if (web_client_url(x, &c, c.has_tls, "/autodiscover/autodiscover.xml", url, sizeof(url)))
		return json_error(x, 400, "InvalidUserId", "The address is too long.");
	struct model *o = model_new();
	model_text(o, "Protocol", "AutodiscoverV1");
	model_text(o, "Url", url);
	return web_json(x, 200, o);
}

/* Programs write this path in any mixture of capitals. */
static enum step run_autodiscover(struct http_exchange *x)
{
	if (slice_eq_str_nocase(x->tail, "autodiscover.xml"))
		return run_autodiscover_xml(x);
	if (x->request.method != HTTP_POST && slice_starts_nocase(x->tail, "autodiscover.json"))
		return run_autodiscover_json(x);
	return refuse(x, 404, "There is nothing of this name here.\n");
}

static const struct http_route rows[] = {
	{.path = "/mail/config-v1.1.xml",
	 .methods = HTTP_GET,
	 .access = WEB_DEVICE,
	 .run = run_thunderbird},
	{.path = "/.well-known/autoconfig/mail/config-v1.1.xml",
	 .methods = HTTP_GET,
	 .access = WEB_DEVICE,
	 .run = run_thunderbird},
	{.path = "/.well-known/user-agent-configuration.json",
	 .methods = HTTP_GET,
	 .access = WEB_DEVICE,
	 .run = run_pacc},
#define AUTODISCOVER(path_)                  \
	{.path = path_,                      \
	 .methods = HTTP_GET | HTTP_POST,    \
	 .body_max = AUTODISCOVER_MAX_BYTES, \
	 .access = WEB_DEVICE,               \
	 .run = run_autodiscover}
	AUTODISCOVER("/autodiscover/*"),
	AUTODISCOVER("/Autodiscover/*"),
	AUTODISCOVER("/AutoDiscover/*"),
#undef AUTODISCOVER
};
const struct http_routes web_autoconfig_routes = {rows, sizeof(rows) / sizeof(rows[0])};
