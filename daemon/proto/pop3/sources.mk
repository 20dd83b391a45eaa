# The POP3 server, left out as a whole by CONFIG_POP3=n. See daemon/Makefile. What it notes with a
# mailbox is understood in any case.
pop3-notes := $(patsubst %,proto/pop3/pop3_%.c,note runs state)
srcs-y += $(pop3-notes)
srcs-$(CONFIG_POP3) += $(filter-out $(pop3-notes),$(call sources_in,proto/pop3))
protocols-$(CONFIG_POP3) += pop3_protocol
