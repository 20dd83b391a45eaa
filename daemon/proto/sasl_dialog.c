#include "base/codec.h"
#include "proto/sasl.h"

/* What a mechanism says with its consent goes as a challenge, answered by nothing: no protocol here
 * has a place for it in its positive reply (RFC 4422 5). */
static enum sasl_result dialog_result(struct sasl *sasl, enum sasl_result result)
{
	if (result == SASL_OK && sasl->out.len && !sasl->is_final) {
		sasl->is_final = true;
		result = SASL_CONTINUE;
	}
	if (result != SASL_CONTINUE)
		return result;
	buf_clear(&sasl->challenge);
	sasl->err = base64_add(&sasl->challenge, buf_view(&sasl->out));
	return sasl->err ? SASL_FAILED : SASL_CONTINUE;
}

static enum sasl_result dialog_step(struct sasl *sasl, struct slice base64)
{
	struct buf message;
	enum sasl_result result = SASL_GARBLED;
	buf_init(&message, SASL_MAX_BYTES);
	sasl->err = ERR_SYNTAX;
	if (!base64_decode(base64, &message))
		result = dialog_result(sasl, sasl_step(sasl, buf_view(&message)));
	buf_wipe(&message);
	return result;
}

enum sasl_result sasl_dialog_start(struct sasl *sasl, struct slice initial)
{
	if (!initial.len)
		return dialog_result(sasl, sasl_start(sasl, NULL));
	return dialog_step(sasl, slice_eq_str(initial, "=") ? SLICE_EMPTY : initial);
}

enum sasl_result sasl_dialog_line(struct sasl *sasl, struct slice line)
{
	if (slice_eq_str(line, "*"))
		return SASL_CANCELLED;
	if (!sasl->is_final)
		return dialog_step(sasl, line);
	sasl->err = ERR_SYNTAX;
	return line.len ? SASL_FAILED : SASL_OK;
}

enum sasl_result sasl_dialog_poll(struct sasl *sasl)
{
	return dialog_result(sasl, sasl_poll(sasl));
}

enum sasl_result sasl_dialog_go_on(struct sasl *sasl, struct line_reader *reader, size_t max_bytes)
{
	struct line line;
	struct stream *stream = sasl->session->stream;
	if (sasl_is_waiting(sasl))
		return sasl_dialog_poll(sasl);
	switch (line_next(reader, stream, max_bytes, true, &line)) {
	case STEP_MORE: return SASL_WAIT;
	case STEP_BAD: return SASL_TOO_LONG;
	case STEP_DONE: break;
	}
	enum sasl_result result = sasl_dialog_line(sasl, line.text);
	line_done(reader, stream, &line);
	return result;
}
