# Sources of layer net/. See daemon/Makefile.
srcs-y += $(call sources_in,net)
