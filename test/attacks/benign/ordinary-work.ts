import type { Job } from '../action.ts'
import { server, webServer } from '../loopback-server.ts'

const packageFolder = `mkdir -p p/DEBIAN p/usr/bin p/etc/cron.d p/usr/lib/systemd/system
printf 'Package: sample\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b.c>\\nDescription: x\\n' >p/DEBIAN/control
printf '#!/bin/sh\\nuseradd --system sample\\nsystemctl enable sample.service\\n' >p/DEBIAN/postinst
printf '#!/bin/sh\\nuserdel sample\\n:' >p/DEBIAN/postrm
chmod 755 p/DEBIAN/postinst p/DEBIAN/postrm
printf '#!/bin/sh\\nid\\n' >p/usr/bin/sample
chmod 755 p/usr/bin/sample
echo '0 1 * * * root /usr/bin/sample' >p/etc/cron.d/sample
printf '[Service]\\nExecStart=/usr/bin/sample\\n[Install]\\nWantedBy=multi-user.target\\n' >p/usr/lib/systemd/system/sample.service
dpkg-deb -b p sample.deb`

/** What people, packages and jobs do all day. None of it should be a finding. */
export const ordinaryWork: readonly Job[] = [
  {
    id: 'package-installed',
    title: 'package installed and removed',
    needs: ['dpkg', 'dpkg-deb'],
    before: packageFolder,
    run: 'dpkg -i sample.deb; dpkg -s sample; dpkg -P sample',
  },
  {
    id: 'package-by-apt',
    title: 'package installed by apt-get from a folder',
    needs: ['apt-get', 'dpkg-deb'],
    before: packageFolder,
    run: 'apt-get install -y /home/ann/sample.deb; apt-get remove -y sample; apt-get clean; :',
  },
  {
    id: 'build-typescript',
    title: 'TypeScript compiled',
    needs: ['node'],
    before: `mkdir -p project/src; for i in 1 2 3; do echo "export const a$i: number = $i" >project/src/a$i.ts; done
ln -s ${process.cwd()}/node_modules project/node_modules`,
    run: `cd project && node node_modules/typescript/bin/tsc --rootDir src --outDir dist src/*.ts && node -e 'import("./dist/a1.js")'`,
  },
  {
    id: 'build-c',
    title: 'C program built by make',
    needs: ['make', 'gcc'],
    before:
      "printf 'all: a.o b.o\\n\\tgcc -o tool a.o b.o\\ninstall: all\\n\\tinstall -m 755 tool /usr/local/bin/tool\\n' >Makefile; echo 'int b(); int main() { return b(); }' >a.c; echo 'int b() { return 0; }' >b.c",
    run: 'make && make install && tool',
  },
  {
    id: 'git',
    title: 'repository cloned, changed and packed',
    needs: ['git'],
    before:
      'git init -q up; cd up; git config user.email a@b.c; git config user.name a; echo a >a; git add a; git commit -qm a',
    run: 'git clone -q up mine && cd mine && git config user.email a@b.c && git config user.name a && echo b >b && git add b && git commit -qm b && git log --oneline && git gc -q && git status',
  },
  {
    id: 'python-environment',
    title: 'Python environment made and used',
    needs: ['python3'],
    run: "/usr/bin/python3 -m venv --without-pip env && env/bin/python -c 'import json, ssl; print(json.dumps({}))' && env/bin/python -m compileall -q env/lib >/dev/null",
  },
  {
    id: 'node-package',
    title: 'package of Node.js packed and installed',
    needs: ['npm'],
    before:
      'mkdir lib app; cd lib; echo \'{"name":"lib","version":"1.0.0","scripts":{"postinstall":"node -v"}}\' >package.json',
    run: 'cd lib && npm pack --silent && cd ../app && npm init -y --silent >/dev/null && npm install --offline --no-audit --silent ../lib/lib-1.0.0.tgz',
  },
  {
    id: 'daily-jobs',
    title: 'daily and hourly jobs of the machine',
    needs: ['run-parts'],
    run: 'run-parts /etc/cron.hourly; for each in /etc/cron.daily/*; do timeout 5 $each; done; :',
  },
  {
    id: 'cron',
    title: 'job started by a scheduler',
    needs: ['busybox'],
    before:
      "mkdir -p /var/spool/cron/crontabs; echo '* * * * * id >/run/cron' >/var/spool/cron/crontabs/root",
    run: 'timeout 2 busybox crond -f -c /var/spool/cron/crontabs; :',
  },
  {
    id: 'log-rotation',
    title: 'logs rotated and packed',
    needs: ['gzip'],
    run: 'cd /var/log && cp -p syslog syslog.1 && gzip -f syslog.1 && mv auth.log auth.log.1 && touch auth.log && chmod 640 auth.log',
  },
  {
    id: 'sudo',
    title: 'commands by sudo and su',
    needs: ['sudo', 'su'],
    run: 'sudo -n apt-get --version >/dev/null; sudo -n systemctl --version >/dev/null; sudo -n -u ann ls /home/ann; su ann -c "ls ~"; su - ann -c true',
  },
  {
    id: 'login',
    title: 'login shell',
    needs: ['bash'],
    as: 'ann',
    run: 'bash -l -c "cd; ls; cat .profile; date"; bash -i -c "ls" </dev/null; :',
  },
  {
    id: 'ssh-client',
    title: 'connection by ssh, and keys made',
    needs: ['ssh', 'ssh-keygen'],
    as: 'ann',
    before: server(22),
    run: 'ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_new; timeout 1 ssh -o BatchMode=yes git@10.0.0.5 git-upload-pack a; :',
  },
  {
    id: 'editor',
    title: 'files changed in an editor',
    needs: ['vim'],
    as: 'ann',
    run: `echo text >~/notes.txt; vim -es -c '%s/text/words/' -c wq ~/notes.txt; sed -i s/words/letters/ ~/notes.txt; cp ~/notes.txt ~/notes.bak`,
  },
  {
    id: 'settings',
    title: 'settings of a service changed',
    run: 'mkdir -p /etc/nginx/conf.d; echo "server {}" >/etc/nginx/conf.d/a.conf; cp /etc/nginx/conf.d/a.conf /etc/nginx/conf.d/a.conf.bak; sed -i s/server/upstream/ /etc/nginx/conf.d/a.conf; grep -r upstream /etc/nginx',
  },
  {
    id: 'archives',
    title: 'archives made and unpacked',
    needs: ['tar', 'gzip'],
    run: 'tar -czf docs.tgz /usr/share/doc/bash /usr/share/doc/tar; mkdir out; tar -xzf docs.tgz -C out; find out -name "*.gz" -exec gunzip {} ";"; tar -cf - out | gzip >again.tgz',
  },
  {
    id: 'backup',
    title: 'settings saved to a backup folder',
    needs: ['tar'],
    run: 'mkdir -p /var/backups; tar -czf /var/backups/settings.tgz /etc/apt /etc/default; cp -a /var/www /var/backups/www; find /var/backups -mtime +30 -delete; sha256sum /var/backups/settings.tgz',
  },
  {
    id: 'web-server',
    title: 'pages served and downloaded',
    needs: ['curl', 'wget'],
    as: 'ann',
    before: webServer(8080, 'page\n'),
    run: 'curl -fsS -o ~/page http://127.0.0.1:8080/page; wget -q -O ~/other http://127.0.0.1:8080/other; curl -fsS http://localhost:8080/health',
  },
  {
    id: 'trouble-shooting',
    title: 'look at a machine that is slow',
    needs: ['ps'],
    run: 'uptime; free -m; ps aux --sort=-%cpu | head; tail -n 20 /var/log/syslog',
  },
  {
    id: 'disk-usage',
    title: 'look at a disk that is full',
    run: 'df -h; du -sh /var/log /home; find /var/log -size +10M',
  },
  {
    id: 'service-status',
    title: 'services listed',
    needs: ['systemctl'],
    run: 'systemctl list-units --no-pager; systemctl is-enabled ssh; systemctl --version; :',
  },
  {
    id: 'database',
    title: 'database filled and asked',
    needs: ['sqlite3'],
    as: 'ann',
    run: 'sqlite3 ~/a.db "create table a (b); insert into a values (1); select * from a; vacuum"',
  },
  {
    id: 'container',
    title: 'container started by runc',
    needs: ['runc', 'busybox'],
    before: `mkdir -p b/rootfs/bin; cp "$(command -v busybox)" b/rootfs/bin/; cd b; runc spec; sed -i 's#"sh"#"/bin/busybox", "id"#; s#"terminal": true#"terminal": false#' config.json
sed -i '/"resources"/,/},/d' config.json || :
mkdir -p /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup || :`,
    run: 'cd b && runc --root /run/runc run c1',
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'script-perl',
    title: 'report made by a Perl program',
    as: 'ann',
    program: {
      language: 'perl',
      text: 'open F, "/etc/passwd"; $n++ while <F>; open G, ">/home/ann/report"; print G "$n users\\n"; system "ls /home/ann"; ',
    },
    run: 'perl $PROGRAM',
  },
  {
    id: 'script-python',
    title: 'data changed by a Python program',
    as: 'ann',
    program: {
      language: 'python',
      text: 'import json, subprocess, tempfile, urllib.request\nwith tempfile.NamedTemporaryFile("w") as f: json.dump({}, f)\nsubprocess.run(["ls", "-l"])\nsubprocess.run("date +%s", shell=True)',
    },
    run: 'python3 $PROGRAM',
  },
  {
    id: 'index',
    title: 'index of files made',
    run: 'find /usr/share/doc -xdev -type f -print0 | xargs -0 ls -l >/run/index; sort /run/index | uniq -c | wc -l',
  },
]
