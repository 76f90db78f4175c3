import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const credentialAccess: Triggers = {
  'credential-access/password-hashes-read': {
    hits: [
      'cat /etc/shadow',
      'busybox cat /etc/shadow',
      'getent shadow',
      ['python3', '-c', 'print(open("/etc/shadow").read())'],
      'cp /etc/shadow /tmp/x',
    ],
    misses: ['cat /etc/passwd', 'ls -l /etc/shadow'],
  },
  'credential-access/password-hashes-opened': {
    hits: [{ sh: '$TRIGGER open /etc/shadow 0' }],
    misses: [{ sh: '$TRIGGER open /etc/passwd 0' }],
  },
  'credential-access/secrets-opened': {
    hits: [{ sh: 'mkdir .ssh; echo x > .ssh/id_rsa; cat .ssh/id_rsa' }],
    misses: [{ sh: 'mkdir .ssh; echo x > .ssh/id_rsa.pub; cat .ssh/id_rsa.pub' }],
  },
  'credential-access/link-to-secrets': {
    hits: [{ sh: 'ln -s /etc/shadow link' }],
    misses: [{ sh: 'ln -s /etc/passwd link' }],
  },
  'credential-access/memory-dumped': {
    hits: [
      'gcore -o x 123',
      ['gdb', '-p', '123', '-batch', '-ex', 'gcore'],
      'strings /proc/123/environ',
      ['sh', '-c', 'cat /proc/*/environ'],
    ],
    misses: ['gdb ./program core', 'cat /proc/123/status'],
  },
  'credential-access/passwords-searched': {
    hits: [
      ['grep', '-ri', 'password', '/etc'],
      ['find', '/', '-name', '*.kdbx'],
      'cat /root/.aws/credentials',
    ],
    misses: [
      ['grep', '-ri', 'hello', '/etc'],
      ['find', '/', '-name', 'x.txt'],
    ],
  },
  'credential-access/history-read': {
    hits: ['cat /root/.bash_history', 'grep -i pass /home/a/.zsh_history'],
    misses: ['cat /root/.bashrc'],
  },
  'credential-access/private-keys-searched': {
    hits: [
      ['find', '/', '-name', 'id_rsa'],
      'cat /root/.ssh/id_ed25519',
      'tar czf x.tgz /root/.ssh',
    ],
    misses: ['cat /root/.ssh/id_ed25519.pub', ['find', '/', '-name', 'x.c']],
  },
  'credential-access/metadata-service-command': {
    hits: [
      'curl -s http://169.254.169.254/latest/meta-data/',
      'wget -qO- http://metadata.google.internal/computeMetadata/v1/',
    ],
    misses: ['curl http://192.0.2.7/latest'],
  },
  'credential-access/metadata-service-connection': {
    hits: [
      {
        sh: 'unshare -n sh -c "ip link set lo up; ip address add 169.254.169.254 dev lo; $TRIGGER tcp 169.254.169.254 0 text"',
      },
    ],
    misses: [{ sh: '$TRIGGER tcp 127.0.0.1 0 text' }],
  },
  'credential-access/service-account-token': {
    hits: [
      'cat /var/run/secrets/kubernetes.io/serviceaccount/token',
      'curl https://kubernetes.default/api',
      'kubectl get secrets -A -o yaml',
    ],
    misses: ['cat /run/systemd/x', 'kubectl get pods'],
  },
  'credential-access/browser-secrets': {
    hits: [
      ['cp', '/home/a/.config/google-chrome/Default/Login Data', '/tmp'],
      ['find', '/home', '-name', 'key4.db'],
    ],
    misses: ['ls /home/a/.config'],
  },
  'credential-access/password-store-read': {
    hits: ['find /home -name *.kdbx', 'secret-tool search --all x y', 'keyctl print 5'],
    misses: ['secret-tool store --label=x a b', 'keyctl session'],
  },
  'credential-access/password-guessing-tool': {
    hits: ['hydra -l root -P words ssh://192.0.2.7', 'medusa -u a -P w -h 192.0.2.7 -M ssh'],
    misses: ['hydra -h'],
  },
  'credential-access/password-cracking-tool': {
    hits: ['john --wordlist=w hashes', 'hashcat -m 1800 h w'],
    misses: ['john --test', 'hashcat --version'],
  },
  'credential-access/packets-captured': {
    hits: ['tcpdump -ni any port 80', 'tshark -i eth0'],
    misses: ['tcpdump --version', 'tcpdump -D'],
  },
  'credential-access/raw-socket': {
    hits: [{ sh: '$TRIGGER socket 17 3 0' }],
    misses: [{ sh: '$TRIGGER socket 2 1 0' }],
  },
  'credential-access/keys-logged': {
    hits: ['xinput test 5', 'cat /dev/input/event0', 'strace -p 1 -e trace=read -s 999'],
    misses: ['xinput list', 'strace -f true'],
  },
  'credential-access/traffic-redirected': {
    hits: ['arpspoof -i eth0 192.0.2.1', 'ettercap -T -M arp', 'mitmdump --mode transparent'],
    misses: ['ettercap_manual x'],
  },
  'credential-access/kerberos-tickets': {
    hits: ['cp /tmp/krb5cc_1000 /root/x', 'find / -name *.keytab'],
    misses: ['klist -e'],
  },
  'credential-access/environment-of-others': {
    hits: ['cat /proc/42/environ', 'strings /proc/1/environ'],
    misses: ['cat /proc/42/status', 'cat /proc/self/environ'],
  },
  'credential-access/browser-secrets-opened': {
    hits: [{ sh: 'echo > logins.json; cat logins.json' }],
    misses: [{ sh: 'echo > old-logins.json; cat old-logins.json' }],
  },
  'credential-access/history-opened': {
    hits: [{ sh: 'touch .bash_history; cat .bash_history' }],
    misses: [{ sh: 'touch .bash_history; bash -c "read -r x < .bash_history"; true' }],
  },
  'credential-access/key-input-settings': {
    hits: [
      ['sh', '-c', 'echo session required pam_tty_audit.so enable=* >> x'],
      ['zenity', '--password'],
    ],
    misses: [
      ['sh', '-c', 'echo pam_unix.so'],
      ['zenity', '--info'],
    ],
  },
  'credential-access/memory-read-by-command': {
    hits: [['grep', 'heap', '/proc/7/maps'], 'gcore 7'],
    misses: ['cat /proc/self/status', 'cat /proc/meminfo'],
  },
}
