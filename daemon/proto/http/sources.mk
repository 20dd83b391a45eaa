# The configuration page's server, left out as a whole by CONFIG_HTTP=n. See daemon/Makefile.
srcs-$(CONFIG_HTTP) += $(call sources_in,proto/http)
protocols-$(CONFIG_HTTP) += http_protocol
