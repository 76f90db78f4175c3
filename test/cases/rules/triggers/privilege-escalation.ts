import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const privilegeEscalation: Triggers = {
  'privilege-escalation/sudo-rights': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/sudoers.d; mount -t tmpfs none /etc/sudoers.d; cd /etc/sudoers.d; echo > x'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/sudoers.d; mount -t tmpfs none /etc/sudoers.d; cd /etc/sudoers.d; echo > /dev/null'",
      },
    ],
  },
  'privilege-escalation/set-id-command': {
    hits: ['chmod u+s x', 'chmod 4755 x', 'chmod -v 06755 x', 'setcap cap_setuid+ep x'],
    misses: ['chmod 755 x', 'chmod u+x x', 'chmod g+s folder'],
  },
  'privilege-escalation/set-id-file': {
    hits: [
      { sh: 'touch x; chmod u+s x' },
      { sh: 'echo > x; $TRIGGER open x 1 -- syscall 91 3 2541' },
      // The kernel ignores other bits.
      { sh: 'echo > x; $TRIGGER open x 1 -- syscall 91 3 35309' },
    ],
    misses: [
      { sh: 'touch x; chmod 755 x; chmod g+s x' },
      { sh: 'echo > x; $TRIGGER open x 1 -- syscall 91 3 493' },
    ],
  },
  'privilege-escalation/file-capability': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mount -t tmpfs none /mnt; cp /bin/true /mnt/x; setcap cap_net_raw+ep /mnt/x'",
      },
    ],
    misses: [{ sh: 'touch x; setcap -q -v cap_net_raw+ep x || true' }],
  },
  'privilege-escalation/set-id-search': {
    hits: ['find / -perm -4000 -type f', 'find / -type f -perm /u=s', 'getcap -r /'],
    misses: ['find /srv -perm 644', 'getcap ./x'],
  },
  'privilege-escalation/sudo-without-password': {
    hits: [
      ['sh', '-c', 'echo "eve ALL=(ALL) NOPASSWD: ALL" >> /etc/sudoers'],
      ['sed', '-i', 's/env_reset.*/env_reset,timestamp_timeout=-1/', '/etc/sudoers'],
    ],
    misses: [
      ['sed', '-i', 's/a/b/', '/etc/hosts'],
      ['sh', '-c', 'cat /etc/sudoers'],
    ],
  },
  'privilege-escalation/host-namespaces-entered': {
    hits: ['nsenter -t 1 -m -u -i -n -p sh', 'nsenter --all --target=1', 'chroot /host sh'],
    misses: ['nsenter -t 4711 -n ip address', 'chroot /srv/build make'],
  },
  'privilege-escalation/host-disk-mounted': {
    hits: [
      ['sh', '-c', 'echo /cmd > /tmp/cg/release_agent'],
      'mount -t cgroup -o rdma cgroup /tmp/cg',
    ],
    misses: ['mount /dev/sdb1 /mnt', ['sh', '-c', 'cat /proc/sys/kernel/core_pattern']],
  },
  'privilege-escalation/kernel-helper-changed': {
    hits: [{ sh: '$TRIGGER open /proc/sys/kernel/core_pattern 1' }],
    misses: [{ sh: 'cat /proc/sys/kernel/core_pattern > /dev/null' }],
  },
  'privilege-escalation/page-faults-handled': {
    hits: [{ sh: '$TRIGGER try syscall 323 0' }],
    misses: [{ sh: '$TRIGGER try syscall 227 99 0' }],
  },
  'privilege-escalation/linker-settings-in-command': {
    hits: [
      ['sh', '-c', 'LD_PRELOAD=/tmp/x.so ls'],
      ['env', 'LD_PRELOAD=./x.so', 'ls'],
    ],
    misses: [
      ['env', 'LD_LIBRARY_PATH=/opt/lib', 'ls'],
      ['sh', '-c', 'unset LD_PRELOAD; ls'],
    ],
  },
  'privilege-escalation/process-traced': {
    hits: [{ sh: '$TRIGGER try syscall 101 16 4194300 0 0' }],
    misses: [{ sh: 'cp $TRIGGER strace; ./strace try syscall 101 16 4194300 0 0' }],
  },
  'privilege-escalation/process-memory-opened': {
    hits: [{ sh: '$TRIGGER open /proc/self/mem 2' }],
    misses: [{ sh: '$TRIGGER open /proc/self/mem 0' }],
  },
  'privilege-escalation/process-memory-written': {
    hits: [{ sh: '$TRIGGER syscall 311 0 0 0 0 0 0' }],
    misses: [{ sh: '$TRIGGER syscall 310 0 0 0 0 0 0' }],
  },
  'privilege-escalation/namespace-entered': {
    hits: [{ sh: '$TRIGGER setns /proc/self/ns/uts' }],
    misses: [{ sh: 'nsenter --uts=/proc/self/ns/uts true' }],
  },
  'privilege-escalation/debugger-calls': {
    hits: [['gdb', '-p', '42', '-ex', 'call (int)system("id")']],
    misses: ['gdb -p 42', 'gdb -batch -ex bt core'],
  },
  'privilege-escalation/sudo-asked': {
    hits: ['sudo -n -l', 'cat /etc/sudoers', 'sudo -k'],
    misses: ['sudo id', 'visudo'],
  },
  'privilege-escalation/user-namespace-made': {
    hits: ['unshare -Urm sh', 'unshare --user --map-root-user id'],
    misses: ['unshare --net id'],
  },
  'privilege-escalation/host-disk-searched': {
    hits: ['fdisk -l', 'mount /dev/sda1 /mnt', 'chroot /host sh'],
    misses: ['mount -a', 'parted x mklabel gpt'],
  },
  'privilege-escalation/linker-variable': {
    hits: [{ sh: 'LD_PRELOAD=/x.so "$TRIGGER" try close 99 2> /dev/null' }],
    misses: [{ sh: '"$TRIGGER" try close 99' }],
  },
  'privilege-escalation/exploit-variable': {
    hits: [{ sh: 'cp "$TRIGGER" pkexec; GCONV_PATH=. ./pkexec try close 99' }],
    misses: [{ sh: 'GLIBC_TUNABLES=a=b "$TRIGGER" try close 99' }],
  },
}
