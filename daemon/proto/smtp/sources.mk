# The SMTP server, left out as a whole by CONFIG_SMTP=n. See daemon/Makefile.
srcs-$(CONFIG_SMTP) += $(call sources_in,proto/smtp)
protocols-$(CONFIG_SMTP) += smtp_protocol
