#include "app/qr_svg.h"

#include <errno.h>

#include <qrencode.h>

#include "app/xml_writer.h"

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

static enum err write_svg(const QRcode *code, const char *label, const char *path, struct buf *dst)
{
	struct xml x;
	char box[32];
	struct buf text;
	int side = code->width + 2 * QUIET_MODULES;
	buf_init(&text, sizeof(box));
	enum err err = buf_addf(&text, "0 0 %d %d", side, side);
	if (!err)
		err = slice_to_str(buf_view(&text), box, sizeof(box));
	buf_free(&text);
	if (err)
		return err;
	xml_begin(&x, dst, NULL);
	xml_open(&x, "svg");
	xml_attr(&x, "xmlns", "http://www.w3.org/2000/svg");
	xml_attr(&x, "viewBox", box);
	xml_attr(&x, "shape-rendering", "crispEdges");
	xml_attr(&x, "role", "img");
	xml_attr(&x, "aria-label", label);
	xml_open(&x, "rect");
	xml_attr(&x, "width", "100%");
	xml_attr(&x, "height", "100%");
	xml_attr(&x, "fill", "#fff");
	xml_close(&x);
	xml_open(&x, "path");
	xml_attr(&x, "d", path);
	return xml_end(&x);
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
	if (!err)
		err = buf_add_byte(&path, 0);
	if (!err)
		err = write_svg(code, label, (const char *)buf_view(&path).ptr, dst);
	if (code)
		QRcode_free(code);
	buf_free(&path);
	return err;
}
