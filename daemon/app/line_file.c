#include "app/line_file.h"

#include "base/file.h"

enum err lines_take(struct slice text, line_taker *take, void *owner, unsigned *number_out)
{
	enum err err = ERR_NONE;
	*number_out = 0;
	while (text.len && !err) {
		struct slice line = slice_trim(slice_split(&text, '\n'));
		++*number_out;
		if (line.len && line.ptr[0] != '#')
			err = take(owner, line);
	}
	return err;
}

enum err line_file_read(const char *path, size_t max_bytes, line_taker *take, void *owner,
			unsigned *number_out)
{
	struct buf text;
	buf_init(&text, max_bytes);
	*number_out = 0;
	enum err err = file_read(path, &text);
	if (!err)
		err = lines_take(buf_view(&text), take, owner, number_out);
	else if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	buf_wipe(&text);
	return err;
}
