import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DebianArchive, runOrThrow, writeOciArchive } from '@tetragon-ts/test/archives'
import { cachePath } from '../../vm/repository.ts'
import { makeWorkFolder } from '../../vm/work-folder.ts'

/** Name of the image that the containers of the walk-through run. */
export const demoImage = 'quay.io/cilium/json-mock:test'

const suites = [{ suites: ['trixie'], securitySuites: ['trixie-security'] }]
const packages = [
  ...['bash', 'coreutils', 'curl', 'dash', 'tini', 'openssl', 'libc6', 'libc-bin', 'libacl1'],
  ...['libattr1', 'libcap2', 'libgmp10', 'libpcre2-8-0', 'libselinux1', 'libtinfo6', 'zlib1g'],
  // Node.js
  ...['libgcc-s1', 'libstdc++6'],
  // curl
  ...['libbrotli1', 'libcom-err2', 'libcurl4t64', 'libffi8', 'libgnutls30t64', 'libgssapi-krb5-2'],
  ...['libhogweed6t64', 'libidn2-0', 'libk5crypto3', 'libkeyutils1', 'libkrb5-3'],
  ...['libkrb5support0', 'libldap2', 'libnettle8t64', 'libnghttp2-14', 'libnghttp3-9'],
  ...['libp11-kit0', 'libpsl5t64', 'librtmp1', 'libsasl2-2', 'libssh2-1t64', 'libssl3t64'],
  ...['libtasn1-6', 'libunistring5', 'libzstd1'],
]

/** Program of the image, and the options that it passes: the address of the server is empty. */
const runScript = `#!/bin/bash
options="--port 80 --watch /default.json --middlewares /middleware.js"
exec tini -- /usr/local/bin/json-server --host "" $options
`

/** A server that answers every request with the file that it is to watch. */
const jsonServer = `#!/usr/bin/env node
const option = (name) => process.argv[process.argv.indexOf(name) + 1]
const answer = require('node:fs').readFileSync(option('--watch'))
require('node:http').createServer((_, response) => response.end(answer)).listen(option('--port'))
process.on('SIGTERM', () => process.exit())
`

const files = {
  'run.sh': runScript,
  'usr/local/bin/json-server': jsonServer,
  'default.json': '{}\n',
  'middleware.js': '',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  'etc/group': 'root:x:0:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  'etc/host.conf': 'multi on\n',
} as const

/**
 * Makes the image: programs of Debian's packages, which are downloaded once, and the Node.js of the
 * agent's image.
 * @param node path of the program
 * @returns path of the archive
 */
export async function makeDemoImage(node: string): Promise<string> {
  const unpacked = await unpackPackages()
  const work = await makeWorkFolder(cachePath('cluster'), 'walk-through')
  try {
    const root = join(work, 'root')
    await cp(unpacked, root, { recursive: true, verbatimSymlinks: true })
    await rm(join(root, 'usr/share'), { recursive: true })
    for (const name of ['root', 'tmp', 'proc', 'sys', 'dev', 'usr/local/bin']) {
      await mkdir(join(root, name), { recursive: true })
    }
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
      await symlink(`usr/${name}`, join(root, name))
    }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(root, name), text, { mode: 0o755 })
    }
    await copyFile(node, join(root, 'usr/local/bin/node'))
    await runOrThrow('ldconfig', ['-r', root])
    const process = {
      Cmd: ['bash', '/run.sh'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    }
    const archive = cachePath('cluster', 'walk-through.tar')
    await writeOciArchive(demoImage, root, process, archive)
    return archive
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The folder with the files of the packages. */
async function unpackPackages(): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(packages)).digest('hex').slice(0, 16)
  const target = cachePath('cluster', `walk-through-${hash}`)
  if (existsSync(target)) return target
  const work = await makeWorkFolder(cachePath('cluster'), 'packages')
  try {
    const { archive, problems } = await DebianArchive.open(join(work, 'apt'), suites)
    if (problems.length > 0) throw new Error(`fetch package lists: ${problems.join('; ')}`)
    const root = join(work, 'root')
    await archive.unpack(packages, root)
    await rename(root, target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return target
}
