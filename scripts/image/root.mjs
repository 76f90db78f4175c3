// The files of the image.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../setup.mjs'
import { imagePackages } from './packages.mjs'

const programs = 'usr/lib/tetragon'
/** Mount points. */
const mountPoints = ['proc', 'sys', 'dev', 'tmp', 'run', 'etc/tetragon', 'var/log/tetragon']
/** CommonJS packages in a bundle require modules of Node.js. */
const requireForCommonJs =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
/** Files of Debian's packages that the image needs. */
const libraries =
  /^(ld-linux|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+|libnss_files)[-.]/

/**
 * Assembles the files in `folder` and replaces its content.
 * @param packages cache of downloads
 */
export async function assembleRoot(folder, packages) {
  if (!existsSync(join(root, 'packages/agent/bundle/worker.js'))) {
    throw new Error('make the image: not built yet; run: npm run build')
  }
  const { node, debian } = await imagePackages(packages)
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
  copyAgent(join(folder, programs, 'agent'))
  await bundleTetra(join(folder, programs, 'tetra'))
  await bundleExportStdout(join(folder, programs, 'export-stdout.mjs'))
  await bundleOperator(join(folder, programs, 'operator'))
  writeCommands(join(folder, 'usr/bin'))
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

/** The bundle without its V8 code cache: the Node.js of the image may differ. */
function copyAgent(target) {
  const agent = join(root, 'packages/agent')
  for (const name of ['bin', 'bundle']) {
    const filter = (path) => !path.endsWith('.v8')
    cpSync(join(agent, name), join(target, name), { recursive: true, filter })
  }
  cpSync(join(agent, 'package.json'), join(target, 'package.json'))
  copyForeignFunctions(join(target, 'node_modules'))
}

/** koffi is not in the bundle: it has a native library. */
function copyForeignFunctions(target) {
  const modules = join(root, 'node_modules')
  const native = `@koromix/koffi-linux-${process.arch}`
  for (const name of ['koffi', native]) {
    const from = realpathSync(join(modules, name))
    const filter = (path) => !/\/(doc|vendor|lib|abi)$|\.(cc|hh|inc|S|asm|ts|md)$/.test(path)
    cpSync(from, join(target, name), { recursive: true, filter })
  }
}

/** A bundle in dist/commands, from where tetra finds its package.json. */
async function bundleTetra(target) {
  const tetra = join(root, 'packages/tetra')
  await build({
    entryPoints: { main: join(tetra, 'dist/main.js') },
    outdir: join(target, 'dist/commands'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  })
  cpSync(join(tetra, 'package.json'), join(target, 'package.json'))
}

async function bundleExportStdout(outfile) {
  const entry = join(root, 'packages/agent/dist/export-stdout/main.js')
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'node24' }
  await build({ entryPoints: [entry], outfile, ...options, logLevel: 'warning' })
}

/** A bundle in dist, from where the operator finds its package.json. */
async function bundleOperator(target) {
  const operator = join(root, 'packages/operator')
  const options = { bundle: true, format: 'esm', platform: 'node', target: 'node24' }
  const outfile = join(target, 'dist/main.js')
  await build({
    entryPoints: [join(operator, 'dist/main.js')],
    outfile,
    ...options,
    banner: { js: requireForCommonJs },
    logLevel: 'warning',
  })
  cpSync(join(operator, 'package.json'), join(target, 'package.json'))
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
