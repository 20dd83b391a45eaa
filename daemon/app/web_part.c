#include <stdlib.h>

#include "app/app_part.h"
#include "app/system.h"
#include "app/web_pack.h"
#include "app/web_setup.h"
#include "base/secret.h"

static enum err web_start(struct appliance *a)
{
	a->web = calloc(1, sizeof(*a->web));
	if (!a->web)
		return ERR_NOMEM;
	secret_random(a->web->form_key, sizeof(a->web->form_key));
	a->host.site = a->options.is_rescue ? rescue_site : &web_site;
	if (!a->options.is_rescue)
		setup_code_begin(a);
	return ERR_NONE;
}

static void web_ready(struct appliance *a)
{
	setup_code_print(a);
}

static void web_look_after(struct appliance *a)
{
	(void)a;
	web_pack_rest();
}

static void web_stop(struct appliance *a)
{
	web_pack_close();
	if (!a->web)
		return;
	secret_wipe(a->web, sizeof(*a->web));
	free(a->web);
	a->web = NULL;
	a->host.site = NULL;
}

const struct app_part web_part = {
	.what = "prepare the page",
	.in_rescue = true,
	.start = web_start,
	.at[APP_READY] = web_ready,
	.at[APP_MINUTE] = web_look_after,
	.at[APP_STOP] = web_stop,
};
