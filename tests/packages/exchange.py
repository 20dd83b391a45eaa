#!/usr/bin/env python3
"""exchange.py DATA PORT-BASE USER PASSWORD [SUBJECT]: delivers a message to USER on this machine's Surel, where a
SUBJECT is given, and prints the subjects that are read back by POP3S and by IMAPS, a line for each.

The certificate is checked against DATA/tls/ca.pem. A program of its own, so that it can be run in the
network of a container.
"""

import imaplib
import poplib
import re
import smtplib
import ssl
import sys

TIMEOUT = 60


def deliver(port, user, subject):
    with smtplib.LMTP("127.0.0.1", port, timeout=TIMEOUT) as c:
        c.sendmail("sender@example.net", [user], f"Subject: {subject}\r\n\r\nHello.\r\n")


def subjects(text):
    return re.findall(rb"^Subject: (\S+)", text, re.M)


def by_pop3(port, context, user, password):
    c = poplib.POP3_SSL("localhost", port, context=context, timeout=TIMEOUT)
    c.user(user)
    c.pass_(password)
    lines = [line for n in range(c.stat()[0]) for line in c.top(n + 1, 0)[1]]
    c.quit()
    return subjects(b"\n".join(lines))


def by_imap(port, context, user, password):
    c = imaplib.IMAP4_SSL("localhost", port, ssl_context=context, timeout=TIMEOUT)
    c.login(user, password)
    c.select(readonly=True)
    _, parts = c.fetch("1:*", "(BODY.PEEK[HEADER])")
    c.logout()
    return subjects(b"\n".join(p[1] for p in parts if isinstance(p, tuple)))


def main():
    data, base, user, password, *subject = sys.argv[1:]
    if subject:
        deliver(int(base) + 24, user, subject[0])
    context = ssl.create_default_context(cafile=f"{data}/tls/ca.pem")
    pop3 = by_pop3(int(base) + 995, context, user, password)
    imap = by_imap(int(base) + 993, context, user, password)
    if sorted(pop3) != sorted(imap):
        sys.exit(f"POP3 shows {pop3}, IMAP {imap}")
    print("\n".join(s.decode() for s in imap))


if __name__ == "__main__":
    main()
