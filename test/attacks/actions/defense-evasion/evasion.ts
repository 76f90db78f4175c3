import type { Action } from '../../action.ts'

/** What looks whether it is watched, and what avoids to be. */
export const evasion: readonly Action[] = [
  {
    id: 'virtual-machine-check',
    title: 'Virtual machine recognised by a tool',
    technique: 'T1497.001',
    needs: ['systemd-detect-virt'],
    run: 'systemd-detect-virt; :',
  },
  {
    id: 'virtual-machine-files',
    title: 'Virtual machine recognised by files, read by the shell itself',
    technique: 'T1497.001',
    run: 'for each in /sys/class/dmi/id/product_name /sys/class/dmi/id/sys_vendor /proc/scsi/scsi; do read -r line <$each; done; while read -r line; do case $line in *hypervisor*) echo virtual;; esac; done </proc/cpuinfo; :',
    blind: 'reading of files without secrets is not observed',
  },
  {
    id: 'virtual-machine-grep',
    title: 'Virtual machine recognised by grep',
    technique: 'T1497.001',
    run: 'grep -i hypervisor /proc/cpuinfo; cat /sys/class/dmi/id/product_name; :',
  },
  {
    id: 'long-wait',
    title: 'Wait before the first action',
    technique: 'T1497.003',
    run: 'sleep 0.3; id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'tracing-asked',
    title: 'Process that finds out whether it is traced',
    technique: 'T1622',
    program: {
      language: 'c',
      text: '#include <sys/ptrace.h>\nint main() { return ptrace(PTRACE_TRACEME, 0, 0, 0) != 0; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'tracer-read',
    title: 'Tracer read from /proc',
    technique: 'T1622',
    run: 'grep TracerPid /proc/self/status',
  },
  {
    id: 'disk-read',
    title: 'File read from the disk itself',
    technique: 'T1006',
    needs: ['debugfs', 'mkfs.ext4'],
    before: 'truncate -s 4M /opt/disk; mkfs.ext4 -q /opt/disk',
    run: 'debugfs -R "ls /" /opt/disk',
    effect: 'grep -q lost+found $OUT',
  },
  {
    id: 'module-from-file',
    title: 'Kernel module loaded by a compiled program (not a module)',
    technique: 'T1547.006',
    program: {
      language: 'c',
      text: '#include <errno.h>\n#include <stdio.h>\n#include <fcntl.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main() { long r = syscall(SYS_finit_module, open("/bin/true", O_RDONLY), "", 0); printf("errno %d\\n", errno); return errno == ENOSYS; }',
    },
    requires: '[ -e /proc/modules ] || { echo no modules; false; }',
    run: '$PROGRAM',
  },
  {
    id: 'module-from-memory',
    title: 'Kernel module loaded from memory by Perl (not a module)',
    technique: 'T1014',
    requires: '[ -e /proc/modules ] || { echo no modules; false; }',
    program: {
      language: 'perl',
      text: '$m = "x" x 100; $p = ""; syscall(175, $m, 100, $p); print "called\\n";',
    },
    run: 'perl $PROGRAM',
    effect: 'grep -q called $OUT',
  },
  {
    id: 'module-by-tool',
    title: 'Kernel module loaded by insmod of busybox',
    technique: 'T1547.006',
    needs: ['busybox'],
    before: 'cp /bin/true /opt/rootkit.ko',
    run: 'busybox insmod /opt/rootkit.ko; :',
  },
  {
    id: 'bpf-program',
    title: 'BPF program loaded by a compiled program',
    technique: 'T1014',
    program: {
      language: 'c',
      text: `#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
int main() {
  struct bpf_insn code[] = {{0xb7, 0, 0, 0, 0}, {0x95, 0, 0, 0, 0}};
  union bpf_attr a;
  memset(&a, 0, sizeof a);
  a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  a.insns = (unsigned long)code;
  a.insn_cnt = 2;
  a.license = (unsigned long)"GPL";
  return syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a) < 0;
}`,
    },
    run: '$PROGRAM',
  },
  {
    id: 'requests-by-ring',
    title: 'Ring for system calls that others do not see',
    technique: 'T1562.001',
    program: {
      language: 'c',
      text: '#include <string.h>\n#include <sys/syscall.h>\n#include <unistd.h>\nint main() { char p[120]; memset(p, 0, sizeof p); return syscall(425, 4, p) < 0; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'other-root',
    title: 'Programs of a root folder of its own',
    technique: 'T1564.006',
    needs: ['busybox', 'chroot'],
    run: 'mkdir -p /tmp/r/bin; cp "$(command -v busybox)" /tmp/r/bin/busybox; chroot /tmp/r /bin/busybox id',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'proxied-by-tool',
    title: 'Command started by a tool of the system',
    technique: 'T1218',
    run: 'env -i setsid -w nice -n 1 timeout 5 sh -c id',
    effect: 'grep -q uid= $OUT',
  },
]
