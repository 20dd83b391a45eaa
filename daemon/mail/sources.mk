# Sources of layer mail/. See daemon/Makefile. Only IMAP's clients want to know what is in a message.
srcs-y += $(filter-out mail/summary%,$(call sources_in,mail))
srcs-$(CONFIG_IMAP) += $(filter-out mail/summary_none.c,$(filter mail/summary%,$(call sources_in,mail)))
srcs-$(call not,$(CONFIG_IMAP)) += mail/summary_none.c

# The C library's iconv on a board, with or without its largest tables.
libs-$(call not,$(CONFIG_CJK_CHARSETS)) += $(if $(BOARD),-lfewcharsets)
