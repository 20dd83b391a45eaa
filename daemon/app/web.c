#include "app/web.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/web_pack.h"
#include "app/web_template.h"
#include "app/web_visit.h"
#include "base/log.h"

struct appliance *web_app(struct http_exchange *x)
{
	return appliance_of(x->session->host);
}

struct web *web_state(struct http_exchange *x)
{
	return web_app(x)->web;
}

struct web_visit *web_visit(struct http_exchange *x)
{
	return x->site_data;
}

enum lang web_lang(struct http_exchange *x)
{
	return web_visit(x) ? web_visit(x)->lang : LANG_EN;
}

bool web_is_admin(struct http_exchange *x)
{
	return web_visit(x) && web_visit(x)->is_admin;
}

const char *web_csrf(struct http_exchange *x)
{
	return web_visit(x) ? web_visit(x)->csrf : "";
}

/* --- texts ------------------------------------------------------------------------------------- */

const char *web_lang_tag(enum lang lang)
{
	return lang == LANG_ID ? "id" : "en";
}

const char *web_text_or(enum lang lang, const char *key, const char *otherwise)
{
	const char *text = web_pack_text(lang, slice_str(key));
	return text ? text : otherwise;
}

const char *web_text(enum lang lang, const char *key)
{
	return web_text_or(lang, key, key);
}

/* --- templates --------------------------------------------------------------------------------- */

struct page_source {
	struct web_template_source source; /* first */
	enum lang lang;
	const char *page; /* what {{>page}} stands for */
};

static bool page_part(const struct web_template_source *source, struct slice name,
		      struct slice *text_out)
{
	const struct page_source *s = (const struct page_source *)(const void *)source;
	char file[64];
	if (slice_eq_str(name, "page") && s->page)
		name = slice_str(s->page);
	int n = snprintf(file, sizeof(file), SLICE_FMT ".html", SLICE_ARG(name));
	return n > 0 && (size_t)n < sizeof(file) && web_pack_file(slice_str(file), text_out);
}

static bool page_text(const struct web_template_source *source, struct slice key,
		      struct slice *text_out)
{
	const struct page_source *s = (const struct page_source *)(const void *)source;
	const char *text = web_pack_text(s->lang, key);
	*text_out = slice_str(text);
	return text;
}

static enum err page_fill(enum lang lang, const char *file, const char *page,
			  const struct model *model, struct buf *dst)
{
	struct page_source source = {{page_part, page_text}, lang, page};
	struct slice text;
	if (!web_pack_file(slice_str(file), &text))
		return ERR_NOT_FOUND;
	return web_template_fill(&source.source, text, model, dst);
}

enum err web_fill(enum lang lang, const char *file, const struct model *model, struct buf *dst)
{
	return page_fill(lang, file, NULL, model, dst);
}

static const char *web_keep(struct http_exchange *x, enum err err, struct buf *value)
{
	struct web_visit *v = web_visit(x);
	const char *kept = v && !err ? arena_str(&v->arena, buf_view(value)) : NULL;
	buf_wipe(value); /* it may be a password */
	return kept ? kept : "";
}

const char *web_textf(struct http_exchange *x, const char *key, const struct model *model)
{
	struct page_source source = {{page_part, page_text}, web_lang(x), NULL};
	struct buf text;
	buf_init(&text, HTTP_HEAD_MAX_BYTES);
	enum err err = web_template_fill_text(&source.source, slice_str(web_text(web_lang(x), key)),
					      model, &text);
	return web_keep(x, err, &text);
}

/* --- the frame --------------------------------------------------------------------------------- */

static void frame_string(struct model *model, const char *key, const char *value)
{
	if (!model_get(model, key))
		model_text(model, key, value);
}

static bool path_is_under(struct slice path, const char *top)
{
	size_t n = strlen(top);
	if (n == 1)
		return slice_eq_str(path, top);
	return slice_starts(path, slice_str(top)) && (path.len == n || path.ptr[n] == '/');
}

static bool site_has(const char *path)
{
	for (const struct http_routes *const *table = site_tables; *table; table++)
		for (size_t i = 0; i < (*table)->count; i++)
			if (strcmp((*table)->rows[i].path, path) == 0)
				return true;
	return false;
}

static void frame_nav(struct http_exchange *x, struct model *model)
{
	static const struct {
		const char *path, *key;
	} pages[] = {
		{"/", "nav.status"},           {"/mail", "nav.mail"},     {"/users", "nav.users"},
		{"/settings", "nav.settings"}, {"/backup", "nav.backup"}, {"/system", "nav.system"},
	};
	if (!web_is_admin(x))
		return;
	struct model *nav = model_list(model, "nav");
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (!site_has(pages[i].path))
			continue; /* left out of this build */
		struct model *row = model_row(nav);
		model_text(row, "path", pages[i].path);
		model_text(row, "label", web_text(web_lang(x), pages[i].key));
		model_bool(row, "is_current", path_is_under(x->request.path, pages[i].path));
	}
}

static void frame_notice(struct http_exchange *x, struct model *model)
{
	char key[80];
	const char *done = web_query(x, "done");
	int n = snprintf(key, sizeof(key), "notice.%s", done);
	const char *text =
		n > 0 && (size_t)n < sizeof(key) ? web_text_or(web_lang(x), key, NULL) : NULL;
	if (*done && text)
		frame_string(model, "notice", text);
}

static void frame_add(struct http_exchange *x, const char *name, struct model *model)
{
	char key[64], path[512];
	enum lang lang = web_lang(x), other = lang == LANG_EN ? LANG_ID : LANG_EN;
	if (slice_to_str(x->request.path, path, sizeof(path)))
		snprintf(path, sizeof(path), "/");
	snprintf(key, sizeof(key), "%s.title", name);
	frame_string(model, "lang", web_lang_tag(lang));
	frame_string(model, "other_lang", web_lang_tag(other));
	frame_string(model, "other_lang_name", web_text(other, "lang.name"));
	frame_string(model, "other_lang_label", web_text(other, "lang.switch"));
	frame_string(model, "csrf", web_csrf(x));
	frame_string(model, "path", path);
	frame_string(model, "hostname", web_app(x)->hostname);
	frame_string(model, "version", web_app(x)->host.version);
	frame_string(model, "title", web_text(lang, key));
	if (web_is_admin(x) && !model_get(model, "is_admin"))
		model_bool(model, "is_admin", true);
	frame_nav(x, model);
	frame_notice(x, model);
}

static enum step page_failed(struct http_exchange *x, enum err err)
{
	log_error(x->session->id, "a page could not be made: %s", err_text(err));
	return http_reply(x, 500, "text/plain; charset=utf-8",
			  SLICE_LIT("The page could not be made. Please try again.\n"));
}

enum step web_page(struct http_exchange *x, int status, const char *name, struct model *model)
{
	struct buf html;
	enum err err = ERR_NOMEM;
	if (!model)
		model = model_new();
	buf_init(&html, HTTP_REPLY_MAX_BYTES);
	frame_add(x, name, model);
	if (model_is_whole(model))
		err = page_fill(web_lang(x), "layout.html", name, model, &html);
	model_free(model);
	if (!err)
		http_add_field(x, "Content-Language", "%s", web_lang_tag(web_lang(x)));
	enum step step = err ? page_failed(x, err)
			     : http_reply(x, status, "text/html; charset=utf-8", buf_view(&html));
	buf_free(&html);
	return step;
}

enum step web_json(struct http_exchange *x, int status, struct model *model)
{
	struct buf json;
	buf_init(&json, HTTP_REPLY_MAX_BYTES);
	enum err err = model_is_whole(model) ? model_print(model, &json) : ERR_NOMEM;
	model_free(model);
	enum step step = err ? page_failed(x, err)
			     : http_reply(x, status, "application/json", buf_view(&json));
	buf_free(&json);
	return step;
}

/* --- fields ------------------------------------------------------------------------------------ */

const char *web_field(struct http_exchange *x, const char *name)
{
	struct buf value;
	buf_init(&value, HTTP_FORM_MAX_BYTES);
	enum err err = http_form(x, name, 0, &value);
	return web_keep(x, err, &value);
}

const char *web_query(struct http_exchange *x, const char *name)
{
	struct buf value;
	buf_init(&value, HTTP_HEAD_MAX_BYTES);
	enum err err = http_query(x, name, &value);
	return web_keep(x, err, &value);
}
