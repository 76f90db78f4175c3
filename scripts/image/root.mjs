// The files of the image.

import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npmComponent } from '../bill/components.mjs'
import { mergePackages } from '../bill/contained-packages.mjs'
import {
  bundleExportStdout,
  bundleOperator,
  bundleTetra,
  copyAgent,
  policyLibrary,
  requireBuild,
  writeLicences,
} from '../programs.mjs'
import { root } from '../setup.mjs'
import { imagePackages } from './packages.mjs'

const programs = 'usr/lib/tetragon'
/** Mount points. */
const mountPoints = ['proc', 'sys', 'dev', 'tmp', 'run', 'etc/tetragon', 'var/log/tetragon']
/** Files of Debian's packages that the image needs. */
const libraries =
  /^(ld-linux|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|libnss_files)[-.]/

/**
 * Assembles the files in `folder` and replaces its content.
 * @param packages cache of downloads
 * @returns the components in them
 */
export async function assembleRoot(folder, packages) {
  requireBuild()
  const { node, debian, components } = await imagePackages(packages)
  rmSync(folder, { recursive: true, force: true })
  for (const name of ['usr/bin', programs, 'var', ...mountPoints]) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    symlinkSync(name === 'sbin' ? 'usr/bin' : `usr/${name}`, join(folder, name))
  }
  symlinkSync('../run', join(folder, 'var/run'))
  copyDebianFiles(debian, folder)
  cpSync(join(node, 'bin/node'), join(folder, 'usr/bin/node'))
  cpSync(join(node, 'LICENSE'), join(folder, 'usr/share/doc/nodejs/copyright'))
  writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/:/usr/bin/false\n')
  const inAgent = copyAgent(join(folder, programs, 'agent'))
  cpSync(join(root, 'policies'), join(folder, policyLibrary), { recursive: true })
  const inPrograms = mergePackages(
    inAgent,
    await bundleTetra(join(folder, programs, 'tetra')),
    await bundleExportStdout(join(folder, programs, 'export-stdout.mjs')),
    await bundleOperator(join(folder, programs, 'operator')),
  )
  writeLicences(join(folder, 'usr/share/doc/tetragon-ts'))
  writeCommands(join(folder, 'usr/bin'))
  return [...inPrograms.map(npmComponent), ...components]
}

function copyDebianFiles(debian, folder) {
  for (const base of ['usr/lib', 'usr/lib64']) {
    for (const path of readdirSync(join(debian, base), { recursive: true })) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      // Without modules that libraries load in special cases: gconv, audit.
      const isDirect = path.split('/').length <= 2
      if (!isDirect || !libraries.test(name) || !name.includes('.so')) continue
      copyFile(join(debian, base, path), join(folder, base, path))
    }
  }
  for (const name of ['libc6', 'gcc-14-base']) {
    const copyright = join(debian, 'usr/share/doc', name, 'copyright')
    copyFile(copyright, join(folder, 'usr/share/doc', name, 'copyright'))
  }
}

function copyFile(from, to) {
  cpSync(from, to, { verbatimSymlinks: true })
}

/**
 * Commands of the chart and for `kubectl exec`. The kernel passes the rest of a first line as one
 * argument.
 */
function writeCommands(folder) {
  const start = '#!/usr/bin/node --no-global-search-paths\n'
  const commands = {
    tetra: `import('/${programs}/tetra/dist/commands/main.js').then(({ main }) => main(process.argv.slice(2)))\n`,
    'export-stdout': `import('/${programs}/export-stdout.mjs')\n`,
    tetragon: `require('/${programs}/agent/bin/tetragon.js')\n`,
  }
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(folder, name), start + text, { mode: 0o755 })
  }
  // V8 keeps its heap small: with 50,000 pods the operator needs a third less memory.
  const operator = `#!/usr/bin/node --optimize-for-size
import('/${programs}/operator/dist/main.js').then(({ main }) => main(process.argv.slice(2)))
`
  writeFileSync(join(folder, 'tetragon-operator'), operator, { mode: 0o755 })
}
