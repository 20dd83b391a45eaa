#include "app/web_visit.h"

const struct http_site web_site = {
	.tables = site_tables,
	.gate = web_gate,
	.admit = web_admit,
	.error_page = web_error_page,
};
