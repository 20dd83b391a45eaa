# Sources of layer proto/. See daemon/Makefile.
srcs-y += $(call sources_in,proto)
