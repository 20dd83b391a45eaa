#include "app/web_visit.h"

/* One line for each file with routes. */
static const struct http_routes *const site_tables[] = {
	&web_asset_routes,  &web_setup_routes,
	&web_login_routes,  &web_autoconfig_routes, /* before the mailboxes' */
	&web_policy_routes, &web_setting_routes,
	&web_user_routes,   &web_status_routes,
	&web_backup_routes, &web_connect_routes,
	&web_system_routes, NULL,
};

const struct http_site web_site = {
	.tables = site_tables,
	.gate = web_gate,
	.admit = web_admit,
	.error_page = web_error_page,
};
