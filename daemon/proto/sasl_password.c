/* What USER and PASS share with the mechanisms: one question to the host. */
#include "proto/sasl_mechanism.h"

#include <assert.h>
#include <stddef.h>

#include "base/secret.h"

static_assert(offsetof(struct sasl, challenge) ==
		      offsetof(struct sasl, buffers) + (SASL_BUFFERS - 1) * sizeof(struct buf),
	      "all buffers are wiped");

void sasl_reset(struct sasl *sasl, struct session *s, const struct sasl_mechanism *m)
{
	sasl_end(sasl);
	sasl->session = s;
	sasl->mechanism = m;
	sasl->phase = SASL_RUNNING;
	for (size_t i = 0; i < SASL_BUFFERS; i++)
		buf_init(&sasl->buffers[i], SASL_MAX_BYTES);
	/* What is made of several messages, and what is in base64. */
	sasl->scratch.max_bytes = 4 * SASL_MAX_BYTES;
	sasl->binding.max_bytes = sasl->challenge.max_bytes = 2 * SASL_MAX_BYTES;
}

enum sasl_result sasl_fail(struct sasl *sasl, enum err err)
{
	sasl->err = err;
	sasl->phase = SASL_IDLE;
	return SASL_FAILED;
}

enum sasl_result sasl_ask(struct sasl *sasl,
			  void (*hook)(struct host *host, struct auth_request *request))
{
	struct auth_request *request = &sasl->request;
	request->session = sasl->session;
	request->user = buf_view(&sasl->user);
	request->authzid = buf_view(&sasl->authzid);
	request->password = buf_view(&sasl->secret);
	request->waiter = &sasl->session->waiter;
	request->result = ERR_AGAIN;
	sasl->phase = SASL_ASKED;
	sasl->session->awaits++;
	hook(sasl->session->host, request);
	return SASL_WAIT;
}

enum sasl_result sasl_ask_host(struct sasl *sasl)
{
	return sasl_ask(sasl, sasl->session->host->ops->auth_start);
}

enum err sasl_login_name(struct sasl *sasl, struct session *s, struct slice user)
{
	sasl_reset(sasl, s, NULL);
	return session_may_take_password(s) ? buf_add_slice(&sasl->user, user) : ERR_UNSUPPORTED;
}

enum sasl_result sasl_login_password(struct sasl *sasl, struct slice password)
{
	enum err err = buf_add_slice(&sasl->secret, password);
	return err ? sasl_fail(sasl, err) : sasl_ask_host(sasl);
}

enum sasl_result sasl_poll(struct sasl *sasl)
{
	if (sasl->phase != SASL_ASKED)
		return sasl_fail(sasl, ERR_STATE);
	if (sasl->request.result == ERR_AGAIN)
		return SASL_WAIT;
	sasl->session->awaits--;
	sasl->phase = SASL_IDLE;
	sasl->err = sasl->request.result;
	sasl->login_out = sasl->request.login_out;
	sasl->request.login_out = NULL;
	if (sasl->err)
		return SASL_FAILED;
	buf_clear(&sasl->out);
	return sasl->mechanism && sasl->mechanism->accepted ? sasl->mechanism->accepted(sasl)
							    : SASL_OK;
}

bool sasl_is_waiting(const struct sasl *sasl)
{
	return sasl->phase == SASL_ASKED;
}

void sasl_end(struct sasl *sasl)
{
	if (!sasl->session)
		return;
	if (sasl->phase == SASL_ASKED) {
		struct host *host = sasl->session->host;
		host->ops->auth_cancel(host, &sasl->request);
		sasl->session->awaits--;
	}
	login_unref(&sasl->request.login_out);
	login_unref(&sasl->login_out);
	for (size_t i = 0; i < SASL_BUFFERS; i++)
		buf_wipe(&sasl->buffers[i]);
	secret_wipe(sasl, sizeof(*sasl));
}
