# The POP3 server, left out as a whole by CONFIG_POP3=n. See daemon/Makefile.
srcs-$(CONFIG_POP3) += $(call sources_in,proto/pop3)
protocols-$(CONFIG_POP3) += pop3_protocol
