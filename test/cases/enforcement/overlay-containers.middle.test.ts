import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { groupsMount, PodRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { repositoryRoot } from '../../vm/repository.ts'
import { lacks } from '../policies/requirements.ts'
import { Overlay } from './overlay.ts'

const library = join(repositoryRoot, 'policies', 'enforce')

/** What the container has of this machine: its programs, and what they read. */
const ofMachine = ['bin', 'etc', 'lib', 'lib32', 'lib64', 'libx32', 'sbin', 'usr']

/** Files of the image, which the container changes for the first time. */
const image = {
  'etc/motd.d/image': 'image\n',
  'home/rc': 'alias ll="ls -l"\n',
  'srv/settings': 'image\n',
  'srv/shared': 'image\n',
  'var/log/app.log': 'line\n',
  'var/db/base': 'x'.repeat(32_768),
  'var/db/log.1': 'x'.repeat(8192),
  'var/lib/packages/status': '',
  'var/lib/packages/available': '',
} as const

/** What people and programs do in containers. */
const work = `
# Editing: in place, by a new file that takes the place of the old one, and under another name.
echo more >> /etc/motd.d/image
sed -i s/image/edited/ /srv/settings
cp /srv/shared /srv/shared.new
mv /srv/shared.new /srv/shared
mv /home/rc /home/rc.old
# Log rotation.
mv /var/log/app.log /var/log/app.log.1
: > /var/log/app.log
chmod 640 /var/log/app.log
gzip /var/log/app.log.1
# A database starts: pages in place, a new log under an old name, a file that shrinks, a lock.
dd if=/dev/zero of=/var/db/base bs=8192 seek=1 count=2 conv=notrunc,fsync status=none
mv /var/db/log.1 /var/db/log.2
truncate -s 100 /var/db/base
ln /var/db/log.2 /var/db/kept
: > /var/db/lock
rm /var/db/lock
if command -v sqlite3 > /dev/null; then
  sqlite3 /var/db/app.sqlite "begin; create table t (a); insert into t values (1); commit; vacuum"
fi
# A package: its programs are where the system's are.
dpkg --admindir=/var/lib/packages --install /srv/greeting.deb > /dev/null
/usr/bin/greeting > /dev/null
# Folders whose names are like those of the system's.
mkdir -p /data/bin /data/lib
mv /data/bin /data/other
rmdir /data/lib
# What is opened below must be known: before it looks a file up that O_CREAT may create, the kernel
# asks whether it may, and drops the answer if there is one.
test -f /usr/bin/env
`

/** Changes that system-programs.yaml forbids: the shell reports what is done nevertheless. */
const forbidden = [
  'echo >> /usr/bin/env',
  'mv /usr/local/bin /usr/local/other',
  'mv -T /data/other /usr/local/lib',
  'ln -s /tmp /usr/local/sbin',
  'rmdir /usr/local/bin',
]

const capabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID'].map(
  (name) => `CAP_${name}`,
)

const bundle = (root: string, script: string) => ({
  ociVersion: '1.0.2',
  process: {
    user: { uid: 0, gid: 0 },
    args: ['/bin/sh', '-ec', script],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  },
  root: { path: root },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
  ],
  linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })) },
})

const missing = groupsMount()
  ? lacks({ programs: ['runc', 'dpkg', 'dpkg-deb', 'gzip', 'sed'] })
  : 'no cgroup mount'

// All of them at once: no policy may refuse what it does not name.
describe('ordinary work in a container under the policies that enforce', { skip: missing }, () => {
  let pods: PodRun
  let overlay: Overlay
  let lacking: string | undefined
  before(async () => {
    pods = await PodRun.start()
    overlay = new Overlay(pods.run.folder)
    for (const [name, content] of Object.entries(image)) {
      mkdirSync(join(overlay.image, name, '..'), { recursive: true })
      writeFileSync(join(overlay.image, name), content)
    }
    for (const name of [
      ...['dev', 'proc', 'tmp', 'root', 'usr/local/bin', 'usr/local/lib'],
      ...['info', 'updates', 'triggers'].map((name) => `var/lib/packages/${name}`),
    ]) {
      mkdirSync(join(overlay.image, name), { recursive: true })
    }
    hide(join(overlay.image, 'usr/local/sbin'))
    makePackage(join(pods.run.folder, 'package'), join(overlay.image, 'srv/greeting.deb'))
    // An overlay cannot look into folders where a virtual machine meets another file system.
    const mask = join(pods.run.folder, 'mask')
    mkdirSync(mask)
    const others = readdirSync('/').filter((name) => !ofMachine.includes(name))
    for (const name of others) hide(join(mask, name))
    lacking = overlay.mount(mask, '/')
  })
  after(async () => {
    overlay?.remove()
    await pods?.stop()
  })

  it('goes on', async (t) => {
    if (lacking !== undefined) return t.skip(lacking)
    const { run } = pods
    const inForce = new Set<string>()
    for (const file of readdirSync(library)) {
      const text = readFileSync(join(library, file), 'utf8')
      // Others on this machine may run programs there.
      const adapted = text.replace(/"\/(tmp|var\/tmp|dev\/shm)\/"/g, `"${run.folder}/"`)
      try {
        await run.load(adapted)
        inForce.add(file)
      } catch (error) {
        // Linux before 6.1 has no hook for user namespaces.
        const mayLack = probe('lsm').answer !== 'yes' || file === 'user-namespaces.yaml'
        if (!(error instanceof PolicyError) || !mayLack) throw error
        t.diagnostic(`${file}: ${error.message}`)
      }
    }
    const attempts = inForce.has('system-programs.yaml') ? forbidden : []
    // In braces: the shell itself reports a file that it cannot open.
    const report = (command: string) =>
      `if { ${command}; } 2> /dev/null; then echo '${command}'; fi`
    const script = `${work}\n${attempts.map(report).join('\n')}`
    const folder = join(run.folder, 'bundle')
    mkdirSync(folder)
    writeFileSync(join(folder, 'config.json'), JSON.stringify(bundle(overlay.merged, script)))
    const id = `tetragon-test-${process.pid}`
    const words = ['--root', join(run.folder, 'state'), 'run', '--bundle', folder, id]
    const started = run.spawn('runc', words)
    const events = await run.finish(started)
    const refused = events.map(({ body }) => `${body.message}`)
    assert.deepEqual([await started.ended, started.output], [0, ''], refused.join('\n'))
    const expected = [
      'system program opened for writing',
      'system program renamed',
      'system program replaced',
      'file added to system programs',
      'folder of system programs removed',
    ]
    assert.deepEqual(refused, expected.slice(0, attempts.length))
  })
})

/** Marks in a layer that the layers below do not show this file (overlayfs.rst, whiteouts). */
function hide(path: string): void {
  execFileSync('mknod', [path, 'c', '0', '0'])
}

/** Makes a Debian package with a program. */
function makePackage(folder: string, target: string): void {
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true })
  mkdirSync(join(folder, 'usr/bin'), { recursive: true })
  const control =
    'Package: greeting\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: a test\n'
  writeFileSync(join(folder, 'DEBIAN/control'), control)
  writeFileSync(join(folder, 'usr/bin/greeting'), '#!/bin/sh\necho hello\n')
  chmodSync(join(folder, 'usr/bin/greeting'), 0o755)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', folder, target], {
    stdio: 'ignore',
  })
}
