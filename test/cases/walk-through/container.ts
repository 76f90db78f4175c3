import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Files below /etc of the container; curl reads them when it connects to a server with two
 * addresses.
 */
const etc = {
  hosts: '127.0.0.1 localhost\n127.0.0.1 shop.example\n127.0.0.2 shop.example\n',
  'host.conf': 'multi on\n',
  'nsswitch.conf': 'passwd: files\nhosts: files\n',
  'resolv.conf': 'nameserver 127.0.0.1\n',
  'gai.conf': '# the defaults\n',
  passwd: 'root:x:0:0:root:/root:/bin/sh\n',
  'ssl/openssl.cnf': '# the defaults\n',
} as const

/** Response of the server. */
export const page = 'the page\n'

/**
 * A container with its own namespaces whose first process serves a page at
 * http://shop.example/page, and reads /etc/passwd ten times a second. Its programs are those of
 * this machine.
 */
export class Container {
  readonly id = randomBytes(32).toString('hex')
  readonly #folder: string

  /** @param folder for its files; the caller removes it. @throws Error with the message of runc */
  constructor(folder: string) {
    this.#folder = folder
    this.#makeRoot()
    writeFileSync(join(folder, 'config.json'), JSON.stringify(configuration))
    // Its output is discarded: the container would keep a pipe open.
    const { status } = this.#runc(['--log', join(folder, 'log'), 'run', '-d', this.id], 'ignore')
    if (status !== 0) throw new Error(`run a container: runc: exit status ${status}`)
    const ask = ['/bin/busybox', 'wget', '-q', '-O', '-', 'http://127.0.0.1/page']
    for (let tries = 100; this.exec(...ask).stdout !== page; tries--) {
      if (tries === 0) throw new Error('run a container: its server does not answer')
    }
  }

  /** Runs a program inside, like kubectl exec. */
  exec(...command: readonly string[]) {
    return this.#runc(['exec', this.id, ...command], 'pipe')
  }

  remove(): void {
    this.#runc(['delete', '--force', this.id], 'ignore')
  }

  #runc(args: readonly string[], stdio: 'ignore' | 'pipe') {
    const all = ['--root', join(this.#folder, 'state'), ...args]
    return spawnSync('runc', all, {
      stdio: ['ignore', stdio, stdio],
      cwd: this.#folder,
      encoding: 'utf8',
    })
  }

  #makeRoot(): void {
    const root = join(this.#folder, 'rootfs')
    for (const name of ['usr', 'proc', 'www', 'etc/ssl']) {
      mkdirSync(join(root, name), { recursive: true })
    }
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))
    for (const [name, text] of Object.entries(etc)) writeFileSync(join(root, 'etc', name), text)
    copyFileSync('/etc/ld.so.cache', join(root, 'etc/ld.so.cache'))
    writeFileSync(join(root, 'www/page'), page)
  }
}

const script =
  '/bin/busybox httpd -f -p 127.0.0.1:80 -h /www & ' +
  'while :; do /bin/busybox cat /etc/passwd; /bin/busybox sleep 0.1; done'

const capabilities = ['CAP_NET_BIND_SERVICE']

const configuration = {
  ociVersion: '1.0.2',
  process: {
    user: { uid: 0, gid: 0 },
    args: ['/bin/busybox', 'sh', '-c', script],
    env: ['PATH=/bin', 'OPENSSL_CONF=/etc/ssl/openssl.cnf'],
    cwd: '/',
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
  },
  root: { path: 'rootfs', readonly: true },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/usr', type: 'bind', source: '/usr', options: ['rbind', 'ro'] },
  ],
  linux: { namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })) },
}
