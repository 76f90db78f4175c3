import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const discovery: Triggers = {
  'discovery/own-user': {
    hits: ['whoami', 'id -u', 'last -a', 'sudo -l'],
    misses: ['idle x', 'whois x'],
  },
  'discovery/system-information': {
    hits: ['uname -a', 'cat /etc/os-release', 'hostnamectl'],
    misses: ['unamex -a', 'cat /etc/hosts'],
  },
  'discovery/storage': { hits: ['df -h', 'lsblk', 'fdisk -l'], misses: ['mount /dev/sdb1 /mnt'] },
  'discovery/local-accounts': {
    hits: ['cat /etc/passwd', 'getent passwd', ['grep', 'sh$', '/etc/passwd']],
    misses: ['getent passwd root', 'cat /etc/hosts'],
  },
  'discovery/domain-accounts': {
    hits: ['ldapsearch -x -b dc=a', 'wbinfo -u', 'rpcclient -U a 192.0.2.7'],
    misses: ['ldapmodify -x'],
  },
  'discovery/groups': {
    hits: ['groups', 'getent group', 'cat /etc/group'],
    misses: ['cat /etc/groups.conf'],
  },
  'discovery/network-settings': {
    hits: ['ip addr', 'ip -4 route show', 'ifconfig -a', 'cat /etc/resolv.conf'],
    misses: ['ip link add x type dummy', 'ip netns exec x true'],
  },
  'discovery/public-address': {
    hits: ['curl -s ifconfig.me', 'dig +short myip.opendns.com @resolver1.opendns.com'],
    misses: ['curl http://192.0.2.7/'],
  },
  'discovery/internet-reached': {
    hits: ['ping -c 1 8.8.8.8', 'traceroute 192.0.2.7'],
    misses: ['ping -c 1 192.0.2.7'],
  },
  'discovery/remote-systems': {
    hits: [
      'arp -a',
      'nmap -sn 192.0.2.0/24',
      'fping -g 192.0.2.0/24',
      ['sh', '-c', 'for i in 1 2; do ping -c 1 192.0.2.$i; done'],
    ],
    misses: ['nmap -p 80 192.0.2.7', 'arping 192.0.2.7'],
  },
  'discovery/port-scan-tool': {
    hits: [
      'nmap -sS -p 1-1000 192.0.2.7',
      'nc -zv 192.0.2.7 1-100',
      'masscan 192.0.2.0/24 -p80',
      ['bash', '-c', 'for p in 1 2; do echo > /dev/tcp/192.0.2.7/$p; done'],
    ],
    misses: ['nc 192.0.2.7 80', 'nmap'],
  },
  'discovery/connections': {
    hits: ['ss -tulpn', 'netstat -an', 'lsof -i :80', 'cat /proc/net/tcp'],
    misses: ['lsof /tmp/x'],
  },
  'discovery/processes': { hits: ['ps aux', 'top -bn1', 'pgrep -a ssh'], misses: ['psql -l'] },
  'discovery/files': {
    hits: ['find / -name x -type f', 'ls -alR /home', 'locate passwd', 'ls -la /root'],
    misses: ['ls x', 'find . -name x'],
  },
  'discovery/services': {
    hits: ['systemctl list-units --all', 'service --status-all', 'systemctl list-timers'],
    misses: ['systemctl start x'],
  },
  'discovery/security-software': {
    hits: [
      'pgrep -f falco',
      ['grep', '-iE', 'crowdstrike|falcon', 'x'],
      'getenforce',
      'iptables -L -n',
    ],
    misses: ['grep x a.txt', 'iptables -A INPUT -j DROP'],
  },
  'discovery/software': {
    hits: ['dpkg -l', 'rpm -qa', 'apt list --installed', 'which nc wget curl'],
    misses: ['dpkg -i x.deb'],
  },
  'discovery/shares': {
    hits: ['showmount -e 192.0.2.7', 'smbclient -L //192.0.2.7 -N'],
    misses: ['smbclient --help'],
  },
  'discovery/password-policy': {
    hits: ['chage -l root', 'cat /etc/login.defs', 'cat /etc/pam.d/common-password'],
    misses: ['chage -M 90 a'],
  },
  'discovery/devices': { hits: ['lsusb -v', 'lspci'], misses: ['lsx pci'] },
  'discovery/time': {
    hits: ['timedatectl', 'date', 'cat /etc/timezone'],
    misses: ['timedatectl set-time 1', 'date +%s'],
  },
  'discovery/language': {
    hits: ['locale', 'localectl status', 'cat /etc/default/locale'],
    misses: ['locale-gen en'],
  },
  'discovery/containers': {
    hits: ['docker ps -a', 'kubectl get pods -A', 'crictl pods'],
    misses: ['docker run x'],
  },
  'discovery/cloud': {
    hits: ['aws sts get-caller-identity', 'aws s3 ls', 'gcloud compute instances list'],
    misses: ['aws configure', 'gcloud version'],
  },
  'discovery/browser-data': {
    hits: [
      'find / -path */firefox/*/places.sqlite',
      'cat /home/a/.config/chromium/Default/Bookmarks',
    ],
    misses: ['find / -name x'],
  },
  'discovery/drivers': {
    hits: ['lsmod', 'modinfo overlay', 'cat /proc/modules'],
    misses: ['modprobe overlay'],
  },
  'discovery/logs-searched': {
    hits: ['tail -n 100 /var/log/auth.log', 'journalctl -u ssh', 'lastb'],
    misses: ['tail x.log'],
  },
  'discovery/environment': {
    hits: ['env', 'printenv', ['sh', '-c', 'env | grep KEY']],
    misses: ['env A=1 true'],
  },
  'discovery/debugger-check': {
    hits: [['grep', 'TracerPid', '/proc/self/status']],
    misses: [['grep', 'MemTotal', '/proc/meminfo']],
  },
  'discovery/tracing-asked': {
    hits: [{ sh: '$TRIGGER try syscall 101 0 0 0 0' }],
    misses: [{ sh: '$TRIGGER try syscall 101 16 4194300 0 0' }],
  },
  'discovery/by-interpreter': {
    hits: [
      ['python3', '-c', 'import os; print(list(os.walk("/home")))'],
      ['perl', '-e', 'print getpwnam("root")'],
    ],
    misses: [['python3', '-c', 'print(1)']],
  },
  'discovery/network-by-interpreter': {
    hits: [['python3', '-c', 'print(open("/proc/net/route").read())']],
    misses: [['python3', '-c', 'import socket']],
  },
  'discovery/protection-by-interpreter': {
    hits: [['python3', '-c', 'print(open("/sys/class/dmi/id/bios_vendor").read())']],
    misses: [['python3', '-c', 'print("/sys/class")']],
  },
  'discovery/windows': {
    hits: ['wmctrl -l', 'xprop -root _NET_CLIENT_LIST'],
    misses: ['xdotool key a'],
  },
  'discovery/virtual-machines': {
    hits: ['virsh list --all', 'VBoxManage list vms', 'esxcli vm process list'],
    misses: ['virsh start x'],
  },
}
