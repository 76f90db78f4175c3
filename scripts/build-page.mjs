// Packs the page of `tetra console`: packages/console/page/page.js, a module with all files, which
// also a single file of tetra can hold. The names of the files change with their content, so that
// browsers keep them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../packages/console/', import.meta.url))

/** Policies of the library that the editor of the page offers as examples. */
const exampleFiles = [
  ...['network/tcp-connections', 'file/sensitive-reads', 'process/ptrace'],
  ...['privilege/become-root', 'enforce/container-exec', 'user/sudo'],
]
const examples = exampleFiles.map((name) => {
  return { name, text: readFileSync(join(root, `../../policies/${name}.yaml`), 'utf8') }
})

// Code that the page and its worker share, or load on demand, is in files of its own.
const { outputFiles, metafile } = await build({
  entryPoints: [
    ...['dist/main.js', 'dist/worker/worker.js', 'dist/kernels/kernel-worker.js', 'src/style.css'],
  ].map((path) => join(root, path)),
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

/** Files by their paths in addresses. */
const files = Object.fromEntries(
  outputFiles.map(({ path, text }) => [`/assets/${basename(path)}`, text]),
)

/** The address of what an entry point became. */
function addressOf(entry) {
  const [output] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => {
    return entryPoint === entry
  })
  return `/assets/${basename(output)}`
}

const html = readFileSync(join(root, 'src/index.html'), 'utf8')
files['/'] = html
  .replace('%style%', addressOf('src/style.css'))
  .replace('%worker%', addressOf('dist/worker/worker.js'))
  .replace('%kernel-worker%', addressOf('dist/kernels/kernel-worker.js'))
  .replace('%main%', addressOf('dist/main.js'))

const path = join(root, 'page/page.js')
const text = `export const pageFiles = ${JSON.stringify(files)}\n`
mkdirSync(join(root, 'page'), { recursive: true })
// A test run may be loading it.
if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
