# The IMAP server, left out as a whole by CONFIG_IMAP=n. See daemon/Makefile.
srcs-$(CONFIG_IMAP) += $(call sources_in,proto/imap)
protocols-$(CONFIG_IMAP) += imap_protocol
# Maildirs of other servers have names in IMAP's spelling: importing needs it in any case.
srcs-$(call not,$(CONFIG_IMAP)) += proto/imap/imap_utf7.c
