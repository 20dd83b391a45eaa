# Sources of layer mail/. See daemon/Makefile.
srcs-y += $(call sources_in,mail)

# The C library's iconv on a board, with or without its largest tables.
libs-$(call not,$(CONFIG_CJK_CHARSETS)) += $(if $(BOARD),-lfewcharsets)
