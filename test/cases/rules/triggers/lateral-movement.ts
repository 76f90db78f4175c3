import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const lateralMovement: Triggers = {
  'lateral-movement/ssh-without-questions': {
    hits: ['sshpass -p x ssh root@192.0.2.7', 'ssh -o StrictHostKeyChecking=no root@192.0.2.7 id'],
    misses: ['ssh root@192.0.2.7 id'],
  },
  'lateral-movement/ssh-login': {
    hits: ['ssh root@192.0.2.7', 'ssh -i k 192.0.2.7 id'],
    misses: ['ssh -V', 'ssh-keygen -t ed25519'],
  },
  'lateral-movement/ssh-session-taken': {
    hits: [
      ['env', 'SSH_AUTH_SOCK=/tmp/ssh-abc/agent.1', 'ssh-add', '-l'],
      ['find', '/tmp', '-name', 'agent.*'],
    ],
    misses: [['env', 'SSH_AUTH_SOCK=', 'ssh-add'], 'find /tmp -name x'],
  },
  'lateral-movement/remote-desktop': {
    hits: ['x11vnc -display :0', 'xfreerdp /v:192.0.2.7'],
    misses: ['x11vnc --version'],
  },
  'lateral-movement/file-copied-to-machine': {
    hits: ['scp x root@192.0.2.7:/tmp/', 'rsync -az x 192.0.2.7:/srv'],
    misses: ['rsync -a x y', 'scp x y'],
  },
  'lateral-movement/windows-machine-used': {
    hits: ['wmiexec.py a:b@192.0.2.7', 'evil-winrm -i 192.0.2.7 -u a'],
    misses: ['evil-winrm --version'],
  },
  'lateral-movement/ssh-by-unusual-program': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/22\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/22" 2> /dev/null; true' }],
  },
  'lateral-movement/deployment-tool': {
    hits: [['ansible', 'all', '-m', 'shell', '-a', 'id'], 'puppet apply x.pp'],
    misses: ['ansible'],
  },
  'lateral-movement/exploitation-tool': {
    hits: [
      'msfconsole -q',
      'crackmapexec smb 192.0.2.7',
      ['redis-cli', '-h', '192.0.2.7', 'config', 'set', 'dir', '/root/.ssh'],
    ],
    misses: ['redis-cli ping', 'python3 explore.py'],
  },
  'lateral-movement/shared-folder-written': {
    hits: ['cp x /srv/nfs/x', 'mv a /export/tools/a'],
    misses: ['cp x /srv/www/x'],
  },
  'lateral-movement/remote-service-by-interpreter': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/445\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/445" 2> /dev/null; true' }],
  },
  'lateral-movement/cluster-port-by-unusual-program': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 192.0.2.7/32 dev lo; timeout 60 bash -c \\"echo > /dev/tcp/192.0.2.7/10250\\" 2> /dev/null; true"',
      },
    ],
    misses: [{ sh: 'bash -c "echo > /dev/tcp/127.0.0.1/10250" 2> /dev/null; true' }],
  },
}
