# Sources of layer net/. See daemon/Makefile.
net-tls := net/stream_tls.c net/tls.c net/tls_house.c
srcs-y += $(filter-out $(net-tls) net/tls_none.c,$(call sources_in,net))
srcs-y += $(if $(CONFIG_TLS),$(net-tls),net/tls_none.c)
