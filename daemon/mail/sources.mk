# Sources of layer mail/. See daemon/Makefile.
srcs-y += $(call sources_in,mail)
