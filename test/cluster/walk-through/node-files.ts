import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { addresses, siteNames } from './site-addresses.ts'

/** Path on the node of the specification that containers start from. */
export const baseSpec = '/etc/containerd/cri-base.json'
/** Program on the node that runtimes run in each new container, as on nodes of kind. */
const hook = '/kind/bin/mount-product-files.sh'
/** Folder with tetra on the node. */
export const tetraFolder = '/opt/tetra'

/** The state of the container is on standard input (OCI runtime specification, Hooks). */
const hookScript = `#!/bin/bash
set -o errexit
bundle=$(jq -r .bundle)
cp /kind/product_uuid "$bundle/rootfs/"
`

/** Programs of the machine that the hook and the user's terminal run. */
const machinePrograms = ['/usr/bin/jq', '/usr/bin/cp', '/usr/bin/bash', '/usr/bin/script']

/**
 * Adds what a user and a node of kind have: the hook, tetra, and names of web sites.
 * @param tetra folder with the bundled tetra
 * @throws Error if this machine lacks a program
 */
export async function addNodeFiles(root: string, programs: string, tetra: string): Promise<void> {
  const missing = machinePrograms.filter((path) => !existsSync(path))
  if (missing.length > 0) throw new Error(`prepare the node: not installed: ${missing.join()}`)
  const spec = JSON.parse(await runOrThrow(join(programs, 'bin/ctr'), ['oci', 'spec']))
  spec.hooks = { createContainer: [{ path: hook }] }
  await writeFile(join(root, baseSpec), JSON.stringify(spec))
  await mkdir(join(root, 'kind/bin'), { recursive: true })
  await writeFile(join(root, hook), hookScript, { mode: 0o755 })
  await writeFile(join(root, 'kind/product_uuid'), '00000000-0000-0000-0000-000000000001\n')
  await cp(tetra, join(root, tetraFolder), { recursive: true })
  const command = join(root, tetraFolder, 'tetra')
  const main = `${tetraFolder}/dist/commands/main.js`
  const text = `#!/usr/bin/env node\nimport('${main}').then(({ main }) => main(process.argv.slice(2)))\n`
  await writeFile(command, text, { mode: 0o755 })
  const hosts = join(root, 'etc/hosts')
  const lines = addresses.map((address) => `${address} ${siteNames.join(' ')}\n`)
  await writeFile(hosts, (await readFile(hosts, 'utf8')) + lines.join(''))
}
