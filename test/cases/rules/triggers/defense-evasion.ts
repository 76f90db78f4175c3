import type { Triggers } from '../trigger.ts'

/** A script with an empty folder of logs. */
function inLogs(script: string): string {
  return `unshare -m sh -ec 'mount -t tmpfs none /var/log; ${script}'`
}

/** Triggers of the rules in this folder, and what must not match. */
export const defenseEvasion: Triggers = {
  'defense-evasion/security-service-stopped': {
    hits: [
      'systemctl stop auditd',
      'systemctl disable --now falco.service',
      'pkill -9 osqueryd',
      'service rsyslog stop',
      ['sh', '-c', 'kill -9 $(pidof auditd)'],
    ],
    misses: ['systemctl status auditd', 'systemctl stop nginx', 'pkill -HUP rsyslogd'],
  },
  'defense-evasion/mandatory-access-off': {
    hits: ['setenforce 0', 'setenforce Permissive', 'aa-teardown'],
    misses: ['setenforce 1', 'aa-status'],
  },
  'defense-evasion/audit-rules-removed': {
    hits: ['auditctl -e 0', 'auditctl -D'],
    misses: ['auditctl -l', 'auditctl -w /etc/passwd -p wa'],
  },
  'defense-evasion/protection-parameter-changed': {
    hits: [
      'sysctl -w kernel.randomize_va_space=0',
      ['sh', '-c', 'echo 0 > /proc/sys/kernel/yama/ptrace_scope'],
    ],
    misses: ['sysctl kernel.randomize_va_space', 'sysctl -w net.core.somaxconn=1024'],
  },
  'defense-evasion/protection-file-changed': {
    hits: [{ sh: '$TRIGGER open /proc/sys/kernel/kptr_restrict 1' }],
    misses: [{ sh: '$TRIGGER open /proc/sys/kernel/kptr_restrict 0' }],
  },
  'defense-evasion/firewall-off': {
    hits: [
      'iptables -F',
      'iptables -P INPUT ACCEPT',
      'nft flush ruleset',
      'ufw --force disable',
      'systemctl stop firewalld',
    ],
    misses: ['iptables -L', 'iptables -F DOCKER-USER', 'ufw status'],
  },
  'defense-evasion/history-off': {
    hits: [
      ['bash', '-c', 'export HISTFILE=/dev/null; id'],
      ['bash', '-c', 'unset HISTFILE'],
      ['bash', '-c', 'set +o history'],
    ],
    misses: [
      ['bash', '-c', 'echo history of HISTFILE'],
      ['bash', '-c', 'set -o pipefail'],
    ],
  },
  'defense-evasion/history-removed-by-command': {
    hits: [
      'rm -f /root/.bash_history',
      'ln -sf /dev/null /root/.bash_history',
      ['bash', '-c', 'history -c'],
      ['sh', '-c', '> ~/.bash_history'],
    ],
    misses: ['cat /root/.bash_history', ['bash', '-c', 'history 5']],
  },
  'defense-evasion/history-file-removed': {
    hits: [{ sh: 'echo x > .bash_history; rm $PWD/.bash_history' }],
    misses: [{ sh: 'echo x > history.txt; rm $PWD/history.txt' }],
  },
  'defense-evasion/history-file-moved': {
    hits: [{ sh: 'echo x > .bash_history; mv $PWD/.bash_history x' }],
    misses: [{ sh: 'echo x > x; mv x $PWD/.bash_history' }],
  },
  'defense-evasion/history-file-cut-off': {
    hits: [{ sh: 'echo x > .bash_history' }],
    misses: [{ sh: 'echo x >> .bash_history' }],
  },
  'defense-evasion/log-emptied-by-command': {
    hits: [
      'rm -rf /var/log/auth.log',
      'truncate -s 0 /var/log/syslog',
      'journalctl --vacuum-time=1s',
      ['sh', '-c', 'cat /dev/null > /var/log/wtmp'],
      'dmesg -C',
    ],
    misses: ['tail /var/log/syslog', ['sh', '-c', 'date >> /var/log/job.log']],
  },
  'defense-evasion/log-file-cut-off': {
    hits: [{ sh: inLogs('echo x >> /var/log/auth.log; : > /var/log/auth.log') }],
    misses: [{ sh: inLogs('echo x >> /var/log/auth.log') }],
  },
  'defense-evasion/log-file-moved': {
    hits: [{ sh: inLogs('echo x >> /var/log/auth.log; mv /var/log/auth.log /var/log/x') }],
    misses: [{ sh: inLogs('echo x >> /tmp/rules-x; mv /tmp/rules-x /var/log/auth.log') }],
  },
  'defense-evasion/log-file-removed': {
    hits: [{ sh: inLogs('echo x >> /var/log/auth.log; rm /var/log/auth.log') }],
    misses: [{ sh: inLogs('echo x >> /var/log/auth.log') }],
  },
  'defense-evasion/mailbox-removed': { hits: ['rm /var/mail/root'], misses: ['ls /var/mail/root'] },
  'defense-evasion/jobs-removed': {
    hits: ['crontab -r', 'rm -f /etc/cron.d/x'],
    misses: ['crontab -l', 'rm -f /srv/cron.d'],
  },
  'defense-evasion/file-shredded': {
    hits: ['shred -u x', 'srm -z x', 'rm -f /dev/shm/x', ['sh', '-c', 'rm -- "$0"']],
    misses: ['rm -f x', 'shred --help'],
  },
  'defense-evasion/time-of-file-forged': {
    hits: [
      'touch -r /bin/ls x',
      'touch -acmr /bin/ls x',
      'touch -t 202001010000 x',
      'touch --date=2020-01-01 x',
    ],
    misses: ['touch x', 'touch -c x'],
  },
  'defense-evasion/clock-changed': {
    hits: ['date -s 2020-01-01', 'timedatectl set-time 2020-01-01'],
    misses: ['date -u', 'timedatectl status'],
  },
  'defense-evasion/permissions-for-all': {
    hits: ['chmod -R 777 x', 'chmod a+rwx x'],
    misses: ['chmod 750 x'],
  },
  'defense-evasion/attributes-of-file': {
    hits: ['chattr -i /etc/passwd', 'chattr -R +ia x'],
    misses: ['chattr +C x', 'lsattr x'],
  },
  'defense-evasion/made-executable-in-writable-folder': {
    hits: ['chmod +x /tmp/x', 'chmod 755 /dev/shm/x'],
    misses: ['chmod 644 /tmp/x', 'chmod +x /opt/x'],
  },
  'defense-evasion/system-name-in-wrong-folder': {
    hits: [
      { at: '/tmp/rules-x/sshd', run: ['sshd', '-D'] },
      { at: '/tmp/rules-x/systemd-helper', run: ['x'] },
    ],
    misses: [{ at: '/tmp/rules-x/tool', run: ['tool', 'sshd'] }],
  },
  'defense-evasion/name-of-kernel-thread': {
    hits: ['[kworker]', ['bash', '-c', 'exec -a "[kworker/0:1]" sleep 1'], 'kswapd0 -x'],
    misses: ['kwork [kworker]', ['bash', '-c', 'exec -a name sleep 1']],
  },
  'defense-evasion/name-with-blank-or-odd-letters': {
    hits: [['tool ', 'a'], { at: '/tmp/rules-x/.../x', run: ['x'] }],
    misses: [['tool', 'a ']],
  },
  'defense-evasion/system-tool-copied': {
    hits: ['cp /bin/bash /tmp/x', 'cp -p /usr/bin/python3 /dev/shm/[k]', 'ln -s /bin/sh /tmp/x'],
    misses: ['cp /bin/bash /srv/image/bin/bash', 'cp /srv/x /tmp/x'],
  },
  'defense-evasion/decoded-to-shell': {
    hits: [
      ['sh', '-c', 'echo aWQ= | base64 -d | sh'],
      ['bash', '-c', 'eval "$(echo aWQ= | base64 --decode)"'],
    ],
    misses: [['sh', '-c', 'echo aWQ= | base64 -d | grep i']],
  },
  'defense-evasion/decoded-to-file': {
    hits: ['base64 -d x', 'openssl enc -aes-256-cbc -d -in x', 'xxd -r -p x'],
    misses: ['base64 x', 'openssl version'],
  },
  'defense-evasion/compiled-in-writable-folder': {
    hits: ['gcc -o /tmp/x x.c', 'cc /dev/shm/x.c'],
    misses: ['gcc -o x x.c', 'gcc /tmp/cc123456.s -o x'],
  },
  'defense-evasion/packed-program': {
    hits: ['upx -9 x', 'shc -f x.sh'],
    misses: ['upx -t x', 'upx --version'],
  },
  'defense-evasion/certificate-authority-added': {
    hits: [
      'cp x.crt /usr/local/share/ca-certificates/x.crt',
      'trust anchor x.crt',
      'update-ca-certificates',
    ],
    misses: ['cp x.crt /srv/x.crt', 'trust list'],
  },
  'defense-evasion/virtualization-check': {
    hits: [
      'systemd-detect-virt',
      'dmidecode -s system-manufacturer',
      'cat /sys/class/dmi/id/product_name',
      'grep -i hypervisor /proc/cpuinfo',
    ],
    misses: ['cat /proc/cpuinfo', 'grep model /proc/cpuinfo'],
  },
  'defense-evasion/hidden-file-in-odd-folder': {
    hits: ['mkdir -p /dev/shm/.x', 'touch /tmp/.hidden', ['sh', '-c', 'echo x > /var/tmp/.x']],
    misses: ['mkdir -p /tmp/x', 'touch /tmp/.cache'],
  },
  'defense-evasion/file-below-dev': {
    hits: [
      { sh: "unshare -m sh -ec 'mkdir -p /dev; mount -t tmpfs none /dev; cd /dev; echo > hidden'" },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /dev; mount -t tmpfs none /dev; cd /dev; mkdir shm; echo > shm/x'",
      },
    ],
  },
  'defense-evasion/raw-disk-read': {
    hits: [
      'debugfs -R "cat /etc/shadow" /dev/vda',
      'dd if=/dev/sda of=x bs=512 count=1',
      'strings /dev/mem',
    ],
    misses: ['dd if=/dev/zero of=x', 'cat /dev/null'],
  },
  'defense-evasion/interpreter-without-file': {
    hits: ['bash /dev/fd/63', 'python3 /dev/stdin'],
    misses: ['bash x.sh', 'python3 -'],
  },
  'defense-evasion/proxied-by-tool': {
    hits: [
      ['awk', 'BEGIN {system("/bin/sh")}'],
      ['find', '.', '-exec', '/bin/sh', '-p', ';'],
      ['tar', 'cf', '/dev/null', 'x', '--checkpoint=1', '--checkpoint-action=exec=/bin/sh'],
      ['vim', '-c', ':!/bin/sh'],
    ],
    misses: [
      ['awk', '{print $1}'],
      ['find', '.', '-exec', 'sh', '-c', 'echo x', ';'],
      'tar cf x.tar x',
    ],
  },
  'defense-evasion/audit-settings-changed': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/audit && echo > /etc/audit/audit.rules"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/auditor && echo > /etc/auditor/x"',
      },
    ],
  },
  'defense-evasion/log-settings-changed': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/rsyslog.d && echo > /etc/rsyslog.d/x.conf"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/rsyslogger && echo > /etc/rsyslogger/x"',
      },
    ],
  },
  'defense-evasion/names-redirected': {
    hits: [
      { sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc && echo > /etc/hosts"' },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc && echo > /etc/hosts.allow"',
      },
    ],
  },
  'defense-evasion/certificate-file-changed': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/ssl/certs && echo > /etc/ssl/certs/x.pem"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/ssl/private && echo > /etc/ssl/private/x.pem"',
      },
    ],
  },
  'defense-evasion/security-software-removed': {
    hits: ['rm -rf /opt/CrowdStrike', 'mv /var/ossec/bin /tmp/x'],
    misses: ['rm -rf /opt/app', 'ls /opt/CrowdStrike'],
  },
  'defense-evasion/owner-of-system-file': {
    hits: ['chown nobody /etc/passwd', 'busybox chgrp -R users /usr/bin'],
    misses: ['chown root:root /etc/passwd', 'chown nobody /home/x'],
  },
  'defense-evasion/hidden-by-mount': {
    hits: ['mount --bind /tmp/x /proc/42', 'mount -t tmpfs tmpfs /var/log'],
    misses: ['mount -t proc proc /proc', 'mount /dev/sdb1 /mnt'],
  },
  'defense-evasion/obfuscated-command': {
    hits: [
      ['sh', '-c', 'cat /etc/pa""sswd'],
      ['bash', '-c', 'a=c;b=at;$a$b /x'],
      ['bash', '-c', 'cat$IFS/x'],
    ],
    misses: [
      ['sh', '-c', 'echo "" > x'],
      ['sh', '-c', 'echo $HOME/x $PATH'],
    ],
  },
  'defense-evasion/started-by-linker': {
    hits: [{ at: '/tmp/rules-x-linker/ld-linux-x86-64.so.2', run: ['ld', '/tmp/data'] }],
    misses: [
      { at: '/tmp/rules-x-linker/ld-linux-x86-64.so.2', run: ['ld', '--verify', '/bin/true'] },
    ],
  },
  'defense-evasion/decoded-by-interpreter': {
    hits: [
      ['python3', '-c', 'import base64; print(base64.b64decode("aGk="))'],
      ['perl', '-MMIME::Base64', '-e', 'print decode_base64("aGk=")'],
    ],
    misses: [['python3', '-c', 'import base64; print(base64.b64encode(b"a"))']],
  },
  'defense-evasion/program-padded': {
    hits: ['dd if=/dev/zero bs=1 count=1', 'truncate -s +1M x'],
    misses: ['dd if=x of=y', 'truncate -s 0 x'],
  },
  'defense-evasion/payload-encrypted': {
    hits: [
      ['openssl', 'enc', '-aes-256-cbc', '-k', 'x', '-in', 'a', '-out', 'b'],
      'gpg --symmetric x',
      'age -r x y',
    ],
    misses: ['openssl x509 -in a', 'gpg --verify a'],
  },
  'defense-evasion/program-named-as-document': {
    hits: [{ at: '/tmp/rules-x6/photo.png', run: ['x'] }, ['chmod', '+x', '/tmp/invoice.pdf']],
    misses: [{ at: '/tmp/rules-x6/photo', run: ['x'] }, ['chmod', '644', '/tmp/invoice.pdf']],
  },
  'defense-evasion/service-named-as-system': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir /etc/cron.d && echo x > /etc/cron.d/0hourly"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir /etc/cron.d && echo x > /etc/cron.d/rules-x"',
      },
    ],
  },
  'defense-evasion/process-detached': {
    hits: ['nohup ./x', 'setsid -f x', 'screen -dmS a x'],
    misses: ['screen -ls', 'tmux attach'],
  },
  'defense-evasion/files-removed': {
    hits: ['rm -f /tmp/x', 'rm -rf /dev/shm/x', 'unlink /var/tmp/x'],
    misses: ['rm -rf build', 'rm /srv/x'],
  },
  'defense-evasion/time-forged-by-interpreter': {
    hits: [
      ['python3', '-c', 'import os; os.utime("/opt/x", (0, 0))'],
      ['perl', '-e', 'utime 0, 0, "x"'],
    ],
    misses: [['python3', '-c', 'import time']],
  },
  'defense-evasion/network-traces-removed': {
    hits: ['ip neigh flush all', 'conntrack -F', 'rm -f /root/.ssh/known_hosts'],
    misses: ['ip neigh show', 'cat /root/.ssh/known_hosts'],
  },
  'defense-evasion/file-system-in-file': {
    hits: ['losetup -f x.img', 'mkfs.ext4 /var/tmp/.img', 'cryptsetup luksFormat x'],
    misses: ['mkfs.ext4 /dev/sdb1', 'losetup -a'],
  },
  'defense-evasion/virtual-machine-started': {
    hits: ['qemu-system-x86_64 -m 128 x.img', 'VBoxManage startvm x'],
    misses: ['virsh list', 'VBoxManage list vms'],
  },
  'defense-evasion/signed-tool-runs-program': {
    hits: [
      ['find', '/etc/hostname', '-exec', 'id', ';'],
      ['env', '/bin/sh', '-c', 'id'],
      ['nice', 'sh', '-c', 'id'],
    ],
    misses: ['nice make', 'find / -name x'],
  },
  'defense-evasion/execution-delayed': {
    hits: ['ping -c 10 127.0.0.1', 'sleep 600'],
    misses: ['sleep 1', 'ping -c 1 192.0.2.7'],
  },
  'defense-evasion/machine-identity-read': {
    hits: ['cat /etc/machine-id', 'dmidecode -s system-uuid', 'hostid'],
    misses: ['cat /etc/hostname'],
  },
  'defense-evasion/mode-changed-by-interpreter': {
    hits: [['python3', '-c', 'import os; os.chmod("/tmp/x", 0o777)']],
    misses: [['python3', '-c', 'import os; os.stat("/tmp/x")']],
  },
  'defense-evasion/data-in-picture': {
    hits: ['steghide embed -cf a.jpg -ef b'],
    misses: ['exiftool a.jpg'],
  },
  'defense-evasion/history-variable': {
    hits: [{ sh: 'HISTFILE=/dev/null "$TRIGGER" try close 99' }],
    misses: [{ sh: '"$TRIGGER" try close 99' }],
  },
}
