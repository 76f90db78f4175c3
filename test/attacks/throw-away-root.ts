/**
 * Script of the process that prepares an action, in new namespaces (`namespaceOptions`) and as
 * their first process: all others end with it. The root is an overlay of the machine's whose upper
 * layer is in memory, with devices, /proc and users of its own. Every address is on the loopback
 * interface, so nothing leaves the machine.
 *
 * The folder in `$1` has the files of the action; it is visible as /run/action.
 */
export const throwAwayRoot = `
set -e
mount --make-rprivate /
mount -t tmpfs -o size=512m tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
# Folders of which nothing of the machine must be seen.
mkdir /mnt/upper/var
for each in proc sys dev run tmp var/tmp; do mknod /mnt/upper/$each c 0 0; done
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
cd /mnt/root
mkdir proc sys dev run tmp var/tmp
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/shm dev/pts
chmod 1777 dev/shm tmp var/tmp
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
for each in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 dev/\${each%:*} c 1 \${each#*:}
done
mknod -m 666 dev/tty c 5 0
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs tmpfs run
mkdir run/action run/old
mount --bind "$1" run/action
pivot_root . run/old
cd /
umount -l /run/old
ip link set lo up
for each in 10.0.0.5 198.51.100.7 203.0.113.9 169.254.169.254; do ip address add $each/32 dev lo; done
hostname victim
echo 127.0.0.1 localhost victim >/etc/hosts

# What attackers look for.
rm -rf /home/ann /root/.ssh /root/.aws /root/.kube /root/.docker /root/.bash_history /root/.netrc
grep -q ^ann: /etc/passwd || echo 'ann:x:4242:4242::/home/ann:/bin/bash' >>/etc/passwd
echo 'ann:$6$salt$hash:20000:0:99999:7:::' >>/etc/shadow
mkdir -p /home/ann/.ssh /root/.ssh /root/.aws /root/.kube /home/ann/Documents
mkdir -p /home/ann/.mozilla/firefox/x.default /home/ann/.config/google-chrome/Default
mkdir -p /var/spool/cron/crontabs /var/log /var/mail /var/www/html /etc/cron.d
for each in /root /home/ann; do
  echo '-----BEGIN OPENSSH PRIVATE KEY-----' >$each/.ssh/id_rsa
  echo 'ssh-ed25519 AAAA ann@victim' >$each/.ssh/authorized_keys
  echo '10.0.0.5 ssh-ed25519 AAAA' >$each/.ssh/known_hosts
  echo 'mysql -u root -psecret' >$each/.bash_history
  echo '# profile' >$each/.bashrc
  echo '# profile' >$each/.profile
done
echo '[default] aws_secret_access_key = x' >/root/.aws/credentials
echo 'apiVersion: v1' >/root/.kube/config
echo password=secret >/var/www/html/config.php
echo logins >/home/ann/.mozilla/firefox/x.default/logins.json
echo cookies >/home/ann/.config/google-chrome/Default/Cookies
echo letter >/home/ann/Documents/letter.txt
echo 'sshd: Accepted password for ann' >/var/log/auth.log
echo 'kernel: started' >/var/log/syslog
echo login >/var/log/wtmp
chown -R 4242:4242 /home/ann
`

/** Options of unshare that give an action namespaces of its own. */
export const namespaceOptions: readonly string[] = [
  ...['--mount', '--pid', '--net', '--uts', '--ipc', '--cgroup', '--fork', '--kill-child'],
]
