#include "app/qr_svg.h"

#include <errno.h>

#include <qrencode.h>

#include "app/web.h"

enum { QUIET_MODULES = 4 };

static bool is_dark(const QRcode *code, int x, int y)
{
	return code->data[y * code->width + x] & 1;
}

/* "M4 4h7v1h-7z": one rectangle for each run of dark modules. */
static enum err path_row(const QRcode *code, int y, struct buf *path)
{
	enum err err = ERR_NONE;
	for (int x = 0, start = 0; !err && x < code->width; x = start) {
		for (; x < code->width && !is_dark(code, x, y); x++)
			;
		for (start = x; start < code->width && is_dark(code, start, y); start++)
			;
		if (start > x)
			err = buf_addf(path, "M%d %dh%dv1h-%dz", x + QUIET_MODULES,
				       y + QUIET_MODULES, start - x, start - x);
	}
	return err;
}

enum err qr_svg(const char *text, const char *label, struct buf *dst)
{
	if (strlen(text) > QR_TEXT_MAX)
		return ERR_LIMIT;
	struct buf path;
	buf_init(&path, QR_SVG_MAX_BYTES);
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	enum err err = code ? ERR_NONE : errno == ERANGE ? ERR_LIMIT : ERR_NOMEM;
	for (int y = 0; !err && y < code->width; y++)
		err = path_row(code, y, &path);
	if (!err) {
		struct model *model = model_new();
		model_number(model, "side", code->width + 2 * QUIET_MODULES);
		model_text(model, "label", label);
		model_slice(model, "path", buf_view(&path));
		err = model_is_whole(model) ? web_fill(LANG_EN, "qr.xml", model, dst) : ERR_NOMEM;
		model_free(model);
	}
	if (code)
		QRcode_free(code);
	buf_free(&path);
	return err;
}
