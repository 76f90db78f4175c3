// Packs the page of `tetra console`: packages/console/page/page.js, a module with all files, which
// also a single file of tetra can hold. The names of the files change with their content, so that
// browsers keep them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../packages/console/', import.meta.url))

/** Files by their paths in addresses. */
const files = {}

/** Packs one file. @returns its path in addresses */
async function packed(entry, define = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    outdir: root,
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: entry.includes('worker') ? 'iife' : 'esm',
    platform: 'browser',
    // Browsers of 2024: light-dark() in styles.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    define,
    write: false,
    logLevel: 'warning',
  })
  const [{ path, text }] = outputFiles
  const address = `/assets/${basename(path)}`
  files[address] = text
  return address
}

const worker = await packed('dist/worker/worker.js')
const main = await packed('dist/main.js', { workerPath: JSON.stringify(worker) })
const style = await packed('src/style.css')
const html = readFileSync(join(root, 'src/index.html'), 'utf8')
files['/'] = html.replace('%style%', style).replace('%main%', main)

const path = join(root, 'page/page.js')
const text = `export const pageFiles = ${JSON.stringify(files)}\n`
mkdirSync(join(root, 'page'), { recursive: true })
// A test run may be loading it.
if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
