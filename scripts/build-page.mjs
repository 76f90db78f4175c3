// Packs the page of `tetra console`: packages/console/page/page.js, a module with all files, which
// also a single file of tetra can hold. The names of the files change with their content, so that
// browsers keep them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { mergePackages, packagesOfOutputs, writeContents } from './bill/contained-packages.mjs'

const root = fileURLToPath(new URL('../packages/console/', import.meta.url))

/** Policies of the library that the editor of the page offers as examples. */
const exampleFiles = [
  ...['network/tcp-connections', 'file/sensitive-reads', 'process/ptrace'],
  ...['privilege/become-root', 'enforce/container-exec', 'user/sudo'],
]
const examples = exampleFiles.map((name) => {
  return { name, text: readFileSync(join(root, `../../policies/${name}.yaml`), 'utf8') }
})

/** Bundles entry points; code that they share, or load on demand, is in files of its own. */
async function bundle(...entries) {
  const { outputFiles, metafile } = await build({
    entryPoints: entries.map((path) => join(root, path)),
    absWorkingDir: root,
    outdir: root,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    // Browsers of 2024: light-dark() in styles.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    define: { libraryPolicies: JSON.stringify(examples) },
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  for (const { path, text } of outputFiles) files[`/assets/${basename(path)}`] = text
  packages.push(...packagesOfOutputs(Object.values(metafile.outputs), root))
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entries.includes(entryPoint)) addresses.set(entryPoint, `/assets/${basename(output)}`)
  }
}

/** Files by their paths in addresses. */
const files = {}
/** Addresses of entry points. */
const addresses = new Map()
const packages = []

await bundle('dist/main.js', 'dist/worker/worker.js', 'src/style.css')
// On its own: what it shares with the page would make the start of the page larger.
await bundle('dist/kernels/kernel-worker.js')

const html = readFileSync(join(root, 'src/index.html'), 'utf8')
files['/'] = html
  .replace('%style%', addresses.get('src/style.css'))
  .replace('%worker%', addresses.get('dist/worker/worker.js'))
  .replace('%kernel-worker%', addresses.get('dist/kernels/kernel-worker.js'))
  .replace('%main%', addresses.get('dist/main.js'))

const path = join(root, 'page/page.js')
const text = `export const pageFiles = ${JSON.stringify(files)}\n`
mkdirSync(join(root, 'page'), { recursive: true })
writeContents(join(root, 'page'), mergePackages(...packages.map((each) => [each])))
// A test run may be loading it.
if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
