import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const persistence: Triggers = {
  'persistence/crontab-changed': {
    hits: ['crontab -', 'crontab -u root /tmp/job', ['busybox', 'crontab', 'jobs']],
    misses: ['crontab -l', 'crontab -u root -l'],
  },
  'persistence/crontab-written-by-shell': {
    hits: [
      ['sh', '-c', '(crontab -l; echo "* * * * * /tmp/x") | crontab -'],
      ['bash', '-c', 'echo "* * * * * root id" >> /etc/crontab'],
    ],
    misses: [['sh', '-c', 'crontab -l | grep backup']],
  },
  'persistence/cron-file': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/cron.d; mount -t tmpfs none /etc/cron.d; cd /etc/cron.d; echo > job'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/cron.d; mount -t tmpfs none /etc/cron.d; cd /etc/cron.d; cat /etc/crontab > /dev/null || true'",
      },
    ],
  },
  'persistence/authorized-keys': {
    hits: [{ sh: 'mkdir -p .ssh; echo key >> .ssh/authorized_keys' }],
    misses: [{ sh: 'mkdir -p .ssh; echo key > .ssh/known_hosts' }],
  },
  'persistence/sshd-settings': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/ssh; mount -t tmpfs none /etc/ssh; cd /etc/ssh; echo PermitRootLogin yes > sshd_config'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/ssh; mount -t tmpfs none /etc/ssh; cd /etc/ssh; echo > ssh_config'",
      },
    ],
  },
  'persistence/systemd-unit': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/systemd/system; mount -t tmpfs none /etc/systemd/system; cd /etc/systemd/system; echo > x.service'",
      },
      { sh: 'mkdir -p .config/systemd/user; echo > .config/systemd/user/x.timer' },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/systemd/system; mount -t tmpfs none /etc/systemd/system; cd /etc/systemd/system; echo > note.txt'",
      },
    ],
  },
  'persistence/start-scripts': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/init.d; mount -t tmpfs none /etc/init.d; cd /etc/init.d; echo > x'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/init.d; mount -t tmpfs none /etc/init.d; cd /etc/init.d; echo > /dev/null'",
      },
    ],
  },
  'persistence/shell-profile': {
    hits: [{ sh: 'echo x >> .bashrc' }],
    misses: [{ sh: 'echo x >> bashrc.txt; cat .bashrc 2>/dev/null || true' }],
  },
  'persistence/login-messages': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/update-motd.d; mount -t tmpfs none /etc/update-motd.d; cd /etc/update-motd.d; echo > 99-x'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/update-motd.d; mount -t tmpfs none /etc/update-motd.d; cd /etc/update-motd.d; echo > /dev/null'",
      },
    ],
  },
  'persistence/desktop-autostart': {
    hits: [{ sh: 'mkdir -p .config/autostart; echo > .config/autostart/x.desktop' }],
    misses: [{ sh: 'mkdir -p .config/x; echo > .config/x/a.desktop' }],
  },
  'persistence/dynamic-linker': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir up work; mount -t tmpfs none work; mkdir work/u work/w; mount -t overlay -o lowerdir=/etc,upperdir=work/u,workdir=work/w none /etc; cd /etc; echo > ld.so.preload'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/ld.so.conf.x; mount -t tmpfs none /etc/ld.so.conf.x; cd /etc/ld.so.conf.x; echo > a'",
      },
    ],
  },
  'persistence/authentication-modules': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/pam.d; mount -t tmpfs none /etc/pam.d; cd /etc/pam.d; echo > sshd'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/pam.d; mount -t tmpfs none /etc/pam.d; cd /etc/pam.d; echo > /dev/null'",
      },
    ],
  },
  'persistence/device-rules': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/udev/rules.d; mount -t tmpfs none /etc/udev/rules.d; cd /etc/udev/rules.d; echo > 99-x.rules'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/udev/rules.d; mount -t tmpfs none /etc/udev/rules.d; cd /etc/udev/rules.d; echo > /dev/null'",
      },
    ],
  },
  'persistence/package-hooks': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/apt/apt.conf.d; mount -t tmpfs none /etc/apt/apt.conf.d; cd /etc/apt/apt.conf.d; echo > 99x'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /etc/apt/apt.conf.d; mount -t tmpfs none /etc/apt/apt.conf.d; cd /etc/apt/apt.conf.d; echo > /dev/null'",
      },
    ],
  },
  'persistence/git-hooks': {
    hits: [{ sh: 'mkdir -p .git/hooks; echo > .git/hooks/post-commit' }],
    misses: [{ sh: 'mkdir -p .git/info; echo > .git/info/exclude' }],
  },
  'persistence/boot-files': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /boot; mount -t tmpfs none /boot; cd /boot; echo > vmlinuz'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /boot; mount -t tmpfs none /boot; cd /boot; echo > /dev/null'",
      },
    ],
  },
  'persistence/system-program-replaced': {
    hits: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /usr/games; mount -t tmpfs none /usr/games; cd /usr/games; echo > x'",
      },
    ],
    misses: [
      {
        sh: "unshare -m sh -ec 'mkdir -p /usr/share/man; mount -t tmpfs none /usr/share/man; cd /usr/share/man; echo > x'",
      },
    ],
  },
  'persistence/account-created': {
    hits: ['useradd -m eve', ['sh', '-c', 'echo eve::0:0::/:/bin/sh >> /etc/passwd']],
    misses: ['useradd -D', 'useradd --help'],
  },
  'persistence/account-with-uid-zero': {
    hits: ['useradd -o -u 0 eve', 'usermod --non-unique --uid 0 eve', 'useradd -ou 0 eve'],
    misses: ['useradd -u 1001 eve'],
  },
  'persistence/added-to-privileged-group': {
    hits: ['usermod -aG sudo eve', 'gpasswd -a eve docker', 'usermod --append --groups wheel eve'],
    misses: ['usermod -aG audio eve', 'usermod -s /bin/sh sudo'],
  },
  'persistence/password-set': {
    hits: [
      'chpasswd -e',
      'passwd -d root',
      'usermod -p x eve',
      ['sh', '-c', 'echo eve:x | chpasswd'],
    ],
    misses: ['passwd -S root', 'usermod -s /bin/sh eve'],
  },
  'persistence/service-enabled': {
    hits: ['systemctl --now enable x.service', 'update-rc.d x defaults'],
    misses: ['systemctl is-enabled x.service'],
  },
  'persistence/service-from-unusual-folder': {
    hits: ['systemctl enable --now /tmp/x.service', 'systemctl link /dev/shm/a.timer'],
    misses: ['systemctl enable x.service', 'systemctl start /lib/systemd/system/a.service'],
  },
  'persistence/shell-trap': {
    hits: [
      ['bash', '-c', 'trap "id > x" DEBUG; true'],
      ['sh', '-c', 'trap "curl http://192.0.2.7" EXIT'],
    ],
    misses: [['sh', '-c', 'trap "rm -f x" EXIT']],
  },
  'persistence/module-loaded-by-path': {
    hits: ['insmod ./x.ko', 'insmod /tmp/x.ko a=1'],
    misses: ['modprobe overlay', 'insmod /lib/modules/6.1/x.ko'],
  },
  'persistence/module-loaded': {
    hits: [{ sh: '$TRIGGER try init-module none' }],
    misses: [{ sh: '$TRIGGER try syscall 227 99 0' }],
  },
  'persistence/container-image-changed': {
    hits: ['docker commit web web:2', 'podman build -t x .'],
    misses: ['docker images'],
  },
  'persistence/account-files': {
    hits: [{ sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && echo >> /etc/passwd"' }],
    misses: [{ sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && echo > /etc/passwd.new"' }],
  },
  'persistence/python-start-code': {
    hits: [{ sh: 'mkdir -p dist-packages; echo > dist-packages/sitecustomize.py' }],
    misses: [{ sh: 'mkdir -p dist-packages; echo > dist-packages/site.py' }],
  },
  'persistence/module-settings': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir /etc/modprobe.d && echo > /etc/modprobe.d/x.conf"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir /etc/modprobe && echo > /etc/modprobe/x.conf"',
      },
    ],
  },
  'persistence/ssh-login-script': {
    hits: [{ sh: 'mkdir -p .ssh; echo > .ssh/rc' }],
    misses: [{ sh: 'mkdir -p .ssh; echo > .ssh/config' }],
  },
  'persistence/web-folder-script': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /var && mkdir /var/www && echo > /var/www/x.php"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /var && mkdir /var/www && echo > /var/www/x.png"',
      },
    ],
  },
  'persistence/bus-service': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /usr/local && mkdir -p /usr/local/share/dbus-1/services && echo > /usr/local/share/dbus-1/services/x.service"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /usr/local && mkdir -p /usr/local/share/dbus-1/interfaces && echo > /usr/local/share/dbus-1/interfaces/x"',
      },
    ],
  },
  'persistence/program-searched-first': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /usr/local && mkdir /usr/local/bin && echo > /usr/local/bin/x"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /usr/local && mkdir /usr/local/etc && echo > /usr/local/etc/x"',
      },
    ],
  },
  'persistence/bpf-program': {
    hits: [{ sh: '$TRIGGER bpf-program x 1' }],
    misses: [{ sh: '$TRIGGER bpf-map x 1 4 4 1' }],
  },
  'persistence/job-moved-into-place': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/cron.d && echo > /etc/new && mv /etc/new /etc/cron.d/x"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/cron.d && echo > /etc/new && mv /etc/new /etc/crony"',
      },
    ],
  },
  'persistence/service-moved-into-place': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/systemd/system && echo > /etc/new && mv /etc/new /etc/systemd/system/x.service"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/systemd/system && echo > /etc/new && mv /etc/new /etc/systemdx"',
      },
    ],
  },
  'persistence/profile-moved-into-place': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/profile.d && echo > /etc/new && mv /etc/new /etc/profile.d/x.sh"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/profile.d && echo > /etc/new && mv /etc/new /etc/profiles"',
      },
    ],
  },
  'persistence/login-moved-into-place': {
    hits: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/sudoers.d && echo > /etc/new && mv /etc/new /etc/sudoers.d/x"',
      },
    ],
    misses: [
      {
        sh: 'unshare -m sh -c "mount -t tmpfs tmpfs /etc && mkdir -p /etc/sudoers.d && echo > /etc/new && mv /etc/new /etc/sudo.conf"',
      },
    ],
  },
  'persistence/domain-account-created': {
    hits: [
      'samba-tool user create a b',
      'net rpc user add evil -S 192.0.2.7',
      'ldapadd -x -f a.ldif',
    ],
    misses: ['samba-tool user list', 'net rpc info'],
  },
  'persistence/account-reactivated': {
    hits: ['usermod -U a', 'passwd -u a', ['su', 'nobody', '-c', 'id'], 'chage -E -1 a'],
    misses: ['usermod -L a', 'passwd a', 'su ann'],
  },
  'persistence/default-account-used': {
    hits: [
      'sshpass -p raspberry ssh pi@192.0.2.7',
      'mysql -u root -proot',
      ['curl', '-u', 'admin:admin', 'http://192.0.2.7/'],
    ],
    misses: ['sshpass -f file ssh a@192.0.2.7', 'mysql -u root -p'],
  },
  'persistence/container-restarted': {
    hits: ['docker run -d --restart=always x', 'podman generate systemd --new x'],
    misses: ['docker run --rm x'],
  },
  'persistence/package-built-or-installed': {
    hits: ['dpkg-deb --build x', 'dpkg -i /tmp/x.deb', 'rpm -ivh x.rpm'],
    misses: ['dpkg -l', 'apt-get install x'],
  },
  'persistence/web-script-by-command': {
    hits: [
      'cp /tmp/x.jsp /opt/tomcat/webapps/ROOT/x.jsp',
      ['sh', '-c', 'echo x > /srv/public_html/c.php'],
    ],
    misses: ['cp x.html /var/www/html/index.html', 'cat /var/www/html/x.php'],
  },
  'persistence/browser-extension': {
    hits: ['cp x.xpi /home/a/.mozilla/firefox/p/', 'chromium --load-extension=/tmp/x'],
    misses: ['cp x.zip /srv/'],
  },
  'persistence/remote-service-started': {
    hits: ['sshd -p 2222', 'openvpn --config x.ovpn', 'ttyd -p 80 sh'],
    misses: ['sshd -t'],
  },
  'persistence/hidden-account': {
    hits: ['useradd -u 499 -M x', ['sh', '-c', 'echo SystemAccount=true > x']],
    misses: ['useradd -u 1001 x'],
  },
  'persistence/library-path-for-all': {
    hits: ['tee /etc/ld.so.preload', 'patchelf --add-needed /tmp/x.so y'],
    misses: ['cat /etc/ld.so.conf', 'ldconfig'],
  },
  'persistence/edited-in-place': {
    hits: [
      ['sed', '-i', 's/a/b/', '/etc/group'],
      ['tee', '-a', '/etc/passwd'],
    ],
    misses: [['sed', '-n', '1p', '/etc/passwd'], 'cat /etc/group'],
  },
  'persistence/login-settings-edited': {
    hits: [['sed', '-i', 's/no/yes/', '/etc/ssh/sshd_config'], 'tee -a /etc/pam.d/sshd'],
    misses: [['sed', '-n', 'p', '/etc/ssh/sshd_config']],
  },
  'persistence/port-knocking': {
    hits: ['knock 192.0.2.7 7000 8000 9000', 'iptables -A INPUT -m recent --name a --set'],
    misses: ['knock --help'],
  },
}
