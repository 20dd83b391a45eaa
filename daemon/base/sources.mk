# Sources of layer base/. See daemon/Makefile.
srcs-y += $(call sources_in,base)
