# Sources of layer store/. See daemon/Makefile.
srcs-y += $(call sources_in,store)
