#!/bin/sh
# udhcpc.sh EVENT: what the network's DHCP server has said is put into force. Run by udhcpc.
# shellcheck disable=SC2154 # udhcpc sets them: interface, ip, mask, router, dns, ntpsrv
. /lib/board.sh
case $1 in
deconfig)
	ip address flush dev "$interface"
	ip link set "$interface" up ;;
leasefail)
	# Nobody answers: an address for whoever is connected directly. zcip asks whether it is free.
	problem no-network
	ip address show dev "$interface" | grep -q 'inet ' ||
		zcip -q -r 169.254.77.1 "$interface" /etc/zcip.sh ;;
bound | renew)
	ip address flush dev "$interface"
	ip address add "$ip/$mask" dev "$interface"
	for address in $router; do
		ip route replace default via "$address" dev "$interface"
		break
	done
	for address in $dns; do echo "nameserver $address"; done >/run/resolv.conf
	set -- $ntpsrv
	echo "$1" >/run/ntp-server
	no_problem no-network
	say "The network: $ip" ;;
esac
