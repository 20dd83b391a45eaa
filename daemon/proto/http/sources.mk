# The configuration page's server, left out as a whole by CONFIG_HTTP=n. See daemon/Makefile.
srcs-y += $(call sources_in,proto/http)
