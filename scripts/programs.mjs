// The programs of the image and of the packages: the agent as it was built, and bundles of tetra,
// of the operator and of export-stdout, each with all that it needs besides Node.js. Functions that
// write them return the npm packages in them.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import {
  mergePackages,
  packageOfFolder,
  packagesOfOutputs,
  readContents,
} from './bill/contained-packages.mjs'
import { thirdPartyNotices } from './notices.mjs'
import { root, SetupError } from './setup.mjs'
import { buildVersion } from './version.mjs'

/** Version of all programs. */
export const version = buildVersion(root)

/** Folder of the policy library on a machine with the host packages. */
export const policyLibrary = 'usr/share/tetragon/policies'

/** CommonJS packages in a bundle require modules of Node.js. */
const requireForCommonJs =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  metafile: true,
}
const esModule = { ...common, format: 'esm', banner: { js: requireForCommonJs } }

/** @throws SetupError if the repository is not built */
export function requireBuild() {
  if (existsSync(join(root, 'packages/agent/bundle/worker.js'))) return
  throw new SetupError('make packages: not built yet; run: npm run build')
}

/**
 * The agent, with koffi, which has a native library. Without V8's code cache: another release of
 * Node.js may run it.
 */
export function copyAgent(target) {
  const agent = join(root, 'packages/agent')
  for (const name of ['bin', 'bundle']) {
    const filter = (path) => !path.endsWith('.v8')
    cpSync(join(agent, name), join(target, name), { recursive: true, filter })
  }
  copyManifest(agent, target)
  const modules = join(root, 'node_modules')
  const packages = readContents(join(agent, 'bundle'))
  for (const name of ['koffi', `@koromix/koffi-linux-${process.arch}`]) {
    const from = realpathSync(join(modules, name))
    const filter = (path) => !/\/(doc|vendor|lib|abi)$|\.(cc|hh|inc|S|asm|ts|md)$/.test(path)
    cpSync(from, join(target, 'node_modules', name), { recursive: true, filter })
    packages.push(packageOfFolder(from))
  }
  return mergePackages(packages)
}

/** tetra in several files, of which a command loads those that it needs. */
export async function bundleTetra(target) {
  const tetra = join(root, 'packages/tetra')
  const { metafile } = await build({
    ...esModule,
    entryPoints: { main: join(tetra, 'dist/main.js') },
    // From here it finds its package.json.
    outdir: join(target, 'dist/commands'),
    splitting: true,
  })
  copyManifest(tetra, target)
  return packagesOfOutputs(Object.values(metafile.outputs))
}

/**
 * tetra as one executable file, which needs nothing but Node.js.
 * @param outfile with the suffix `.cjs` below a package.json; elsewhere it needs none
 */
export async function bundleTetraFile(outfile) {
  const contents = "require('./dist/main.js').main(process.argv.slice(2))"
  const { metafile } = await build({
    ...common,
    stdin: { contents, resolveDir: join(root, 'packages/tetra') },
    outfile,
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    // It is passed on as a single file.
    footer: { js: `/*\n${thirdPartyNotices().replaceAll('*/', '* /')}*/` },
    define: {
      tetraVersion: JSON.stringify(version),
      tetraPolicies: JSON.stringify(`/${policyLibrary}`),
      // A file has no other files beside it; the compiler looks for its own among positions.
      'import.meta.url': JSON.stringify('file:///tetra'),
    },
    minifyWhitespace: true,
    legalComments: 'none',
  })
  chmodSync(outfile, 0o755)
  return packagesOfOutputs(Object.values(metafile.outputs))
}

export async function bundleExportStdout(outfile) {
  const entry = join(root, 'packages/agent/dist/export-stdout/main.js')
  const { metafile } = await build({ ...common, format: 'esm', entryPoints: [entry], outfile })
  return packagesOfOutputs(Object.values(metafile.outputs))
}

export async function bundleOperator(target) {
  const operator = join(root, 'packages/operator')
  // From here it finds its package.json, and the program of its child process.
  const outdir = join(target, 'dist')
  const packages = []
  for (const name of ['main', 'kernels/check-program']) {
    const entryPoints = [join(operator, `dist/${name}.js`)]
    const { metafile } = await build({ ...esModule, entryPoints, outdir })
    packages.push(packagesOfOutputs(Object.values(metafile.outputs)))
  }
  copyManifest(operator, target)
  return mergePackages(...packages)
}

/** Copies the package.json of a program, from which it knows its version. */
function copyManifest(from, target) {
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  writeFileSync(
    join(target, 'package.json'),
    `${JSON.stringify({ ...manifest, version }, null, 2)}\n`,
  )
}

/** Writes the licences of the programs, and of the packages in them, to a folder. */
export function writeLicences(folder) {
  mkdirSync(folder, { recursive: true })
  cpSync(join(root, 'LICENSE'), join(folder, 'copyright'))
  writeFileSync(join(folder, 'NOTICES'), thirdPartyNotices())
}
