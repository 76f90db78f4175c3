import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const impact: Triggers = {
  'impact/disk-wiped': {
    hits: [
      'dd if=/dev/zero of=/dev/sda bs=1M',
      'mkfs.ext4 -F /dev/sda1',
      'shred -n 1 /dev/nvme0n1',
    ],
    misses: ['dd if=/dev/zero of=x.img', 'mkfs.ext4 x.img'],
  },
  'impact/files-destroyed': {
    hits: ['rm -rf --no-preserve-root /', 'rm -r -f /home', 'find / -name *.log -delete'],
    misses: ['rm -rf /home/a/x', 'find /tmp -delete'],
  },
  'impact/files-encrypted': {
    hits: [
      [
        'find',
        '/srv',
        '-type',
        'f',
        '-exec',
        'openssl',
        'enc',
        '-aes-256-cbc',
        '-k',
        'x',
        '-in',
        '{}',
        ';',
      ],
      'gpg --batch --yes --passphrase x -c f',
      'ccrypt -T -e x',
    ],
    misses: ['openssl enc -d -aes-256-cbc -in x', 'gpg --verify x'],
  },
  'impact/service-stopped': {
    hits: ['systemctl stop nginx', 'service mysql stop', 'killall -9 mysqld', 'docker stop web'],
    misses: ['systemctl start nginx', 'docker start web'],
  },
  'impact/recovery-prevented': {
    hits: [
      'rm -rf /var/backups/db',
      'btrfs subvolume delete -f x',
      'lvremove -f vg/snap',
      'timeshift --delete-all',
      'find / -name *.bak -delete',
    ],
    misses: ['rm -rf /srv/build', 'lvs vg', 'find /var/backups -mtime +30 -delete'],
  },
  'impact/coins-mined': {
    hits: ['x -o stratum+tcp://192.0.2.7:3333 -u a', 'xmrig --donate-level 0', 'a --coin monero'],
    misses: ['grep -r stratum+tcp:// /srv', 'a --coins'],
  },
  'impact/machine-exhausted': {
    hits: [
      'stress-ng --cpu 4',
      'hping3 --flood -S 192.0.2.7',
      ['bash', '-c', 'true; : ":() { :|:& };:" # --help'],
    ],
    misses: ['ping -c 1 192.0.2.7', 'stress --help'],
  },
  'impact/machine-stopped': {
    hits: [
      'shutdown -r now',
      'init 6',
      'systemctl reboot',
      ['sh', '-c', 'true # echo o > /proc/sysrq-trigger'],
    ],
    misses: ['shutdown -c', 'systemctl status'],
  },
  'impact/account-locked-or-removed': {
    hits: ['userdel -r eve', 'usermod -L eve', 'passwd -l eve', 'pkill -KILL -u eve'],
    misses: ['usermod -l new old', 'passwd -S eve'],
  },
  'impact/power-settings': {
    hits: ['systemctl mask sleep.target suspend.target', 'systemd-inhibit x'],
    misses: ['systemctl status sleep.target'],
  },
  'impact/page-defaced': {
    hits: [['sh', '-c', 'echo x > /var/www/html/index.html'], 'wall x'],
    misses: [['sh', '-c', 'cat /var/www/html/index.html']],
  },
  'impact/container-resources-used': {
    hits: ['docker run x/xmrig'],
    misses: ['docker run x/nginx'],
  },
  'impact/web-page-replaced': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /var && mkdir /var/www && echo > /var/www/index.html"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /var && mkdir /var/www && echo > /var/www/other.html"',
      },
    ],
  },
  'impact/mining-port': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/3333\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/3333" 2> /dev/null; true' }],
  },
  'impact/processor-kept-busy': {
    hits: ['yes', 'stress-ng --cpu 4', 'openssl speed'],
    misses: ['openssl version'],
  },
  'impact/firmware-written': {
    hits: ['flashrom -p internal -w x.bin', 'fwupdmgr install x.cab --allow-older'],
    misses: ['flashrom --version', 'fwupdmgr get-devices'],
  },
  'impact/requests-flood': {
    hits: ['ab -n 9999 http://192.0.2.7/', 'wrk -t 4 http://192.0.2.7/'],
    misses: ['ab -V', 'k6 version'],
  },
}
