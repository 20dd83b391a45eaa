/* socket - options every TCP connection of ours gets.
 *
 * Set on a listening socket they are inherited by what it accepts (Linux), which spares five calls
 * a connection. Failures are ignored: a socket that refuses an option still carries mail. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

/* TCP_NODELAY, because replies are written whole (Nagle and delayed acks cost 40 ms each), and
 * SO_KEEPALIVE: a peer that vanished is noticed after about 15 minutes. Probing sooner would wake
 * the radio of every phone that sits in IDLE. */
void socket_tune(int fd);
void socket_ack_now(int fd); /* TCP_QUICKACK: once, for what has arrived */

#endif
