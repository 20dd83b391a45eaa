# The IMAP server, left out as a whole by CONFIG_IMAP=n. See daemon/Makefile.
srcs-$(CONFIG_IMAP) += $(call sources_in,proto/imap)
protocols-$(CONFIG_IMAP) += imap_protocol
