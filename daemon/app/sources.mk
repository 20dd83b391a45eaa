# Sources of layer app/. See daemon/Makefile.
srcs-y += $(call sources_in,app)
