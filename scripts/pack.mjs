// Packs modules into a few files, with what V8 makes of them beside each. Loading hundreds of small
// modules and compiling them takes longer than most of what they do then, above all over a network
// file system or on an emulated processor. packages/agent/bin/load-bundle.js loads the files.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { build, transform } from 'esbuild'
import {
  contentsFile,
  contentsText,
  mergePackages,
  packagesOfOutputs,
} from './bill/contained-packages.mjs'
import { indexMap } from './index-map.mjs'

/** Packages that many files import and few processes use, and their own files. */
const lazyPackages = { re2js: 're2' }
/** As long as the digest that replaces it; the first line of each file identifies its cache. */
const unknownDigest = '0'.repeat(32)

/** Entries of lazy packages, which every folder of packed files has. */
export const lazyEntries = Object.fromEntries(
  Object.entries(lazyPackages).map(([name, file]) => {
    return [file, fileURLToPath(import.meta.resolve(name))]
  }),
)

/**
 * Entries of every folder that builds programs: an entry of its own keeps the language out of the
 * files with the programs, so that the frames of a program differ from those of the
 * language.
 */
export const commonEntries = {
  lang: fileURLToPath(new URL('../packages/ebpf/dist/lang/index.js', import.meta.url)),
  ...lazyEntries,
}

const agent = fileURLToPath(new URL('../packages/agent/dist/', import.meta.url))

/**
 * The agent's threads: the packed file of each, its module, the file that starts it, and the module
 * that does so from beside that file. Threads share no code: packed separately, each is one file
 * instead of twenty.
 */
export const threads = [
  {
    packed: 'reader',
    module: `${agent}reader/worker.js`,
    file: 'worker.js',
    starter: `${agent}reader/reader-worker.js`,
  },
  {
    packed: 'symbols',
    module: `${agent}reader/symbols/symbol-worker.js`,
    file: 'symbol-worker.js',
    starter: `${agent}reader/symbols/symbol-thread.js`,
  },
  {
    packed: 'outputs',
    module: `${agent}receivers/output-worker.js`,
    file: 'output-worker.js',
    starter: `${agent}receivers/output-thread.js`,
  },
  {
    packed: 'rules',
    module: `${agent}rules/rules-worker.js`,
    file: 'rules-worker.js',
    starter: `${agent}rules/prepare-rules.js`,
  },
  {
    packed: 'process-files',
    module: `${agent}reader/process-files/process-file-worker.js`,
    file: 'process-file-worker.js',
    starter: `${agent}reader/process-files/process-file-thread.js`,
  },
  {
    packed: 'requests',
    module: `${agent}policies/kernel/fanotify/answer-permission-events.js`,
    file: 'answer-permission-events.js',
    starter: `${agent}policies/kernel/fanotify/permission-events.js`,
  },
  {
    packed: 'host-files',
    module: `${agent}policies/kernel/user-probes/host-file-worker.js`,
    file: 'host-file-worker.js',
    starter: `${agent}policies/kernel/user-probes/host-files.js`,
  },
  {
    packed: 'kernel',
    module: `${agent}policies/kernel/kernel-worker.js`,
    file: 'kernel-worker.js',
    starter: `${agent}policies/kernel/kernel-file.js`,
  },
  {
    packed: 'build-ids',
    module: `${agent}reader/mapped-files/read-build-ids.js`,
    file: 'read-build-ids.js',
    starter: `${agent}reader/mapped-files/build-ids.js`,
  },
  {
    packed: 'health',
    module: `${agent}endpoints/health/health-worker.js`,
    file: 'health-worker.js',
    starter: `${agent}endpoints/health/health-thread.js`,
  },
]

/** Imports of lazy packages become imports of their files. */
const lazily = {
  name: 'lazily',
  setup({ onResolve }) {
    const filter = new RegExp(`^(${Object.keys(lazyPackages).join('|')})$`)
    onResolve({ filter }, ({ path }) => {
      return { path: `./${lazyPackages[path]}.js`, external: true, sideEffects: false }
    })
  },
}

/** Refuses imports at run time that would not have the names of a CommonJS package. */
const namesInModules = {
  name: 'names-in-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind !== 'dynamic-import' || /^(node:|@tetragon-ts\/)/.test(path)) return undefined
      return { errors: [{ text: `import ${path} in a module, and that module at run time` }] }
    })
  },
}

/** Makes functions load the files of lazy packages on use. */
function deferred(code) {
  return Object.values(lazyPackages).reduce((text, file) => {
    const load = `require("./${file}.js")`
    const proxy = `new Proxy({}, { get: (_, name) => ${load}[name] })`
    return text.replaceAll(`= ${load};`, `= ${proxy};`)
  }, code)
}

/**
 * Compiles every function of a file, for a process of this Node.js release with its own flags.
 * @param flags names of V8's switches that the process has off
 */
export function compiled(source, path, flags = []) {
  for (const flag of flags) setFlagsFromString(`--no-${flag}`)
  setFlagsFromString('--no-lazy')
  const script = new Script(source, { filename: pathToFileURL(path).href })
  setFlagsFromString('--lazy')
  const data = script.createCachedData()
  for (const flag of flags) setFlagsFromString(`--${flag}`)
  return data
}

/** An ES module as one function, with its imports as parameters. */
async function asFunction({ path, text }, packages) {
  const { code, map } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Later imports use the same `require`: a script has no imports of its own.
    supported: { 'dynamic-import': false },
    banner: `(function (module, exports, require, bundleUrl) { // ${unknownDigest}`,
    footer: '})',
    define: { 'import.meta.url': 'bundleUrl' },
    sourcemap: 'external',
    sourcesContent: false,
    sourcefile: basename(path),
    logLevel: 'warning',
  })
  return { path, code: deferred(code), map, packages }
}

/**
 * Packs what the entries need. Files hold what several of them share, and what is imported later.
 * @param folder where the files will be
 * @param entryPoints names of files with the modules that they begin with
 * @param options `plugins` of esbuild, and what to `define`: values of names that no module
 *   declares
 */
export async function pack(folder, entryPoints, { plugins = [], define = {} } = {}) {
  const { outputFiles, metafile } = await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: [
      'koffi',
      '@duckdb/node-api',
      'playwright-core',
      'esbuild',
      '@tetragon-ts/console/page',
    ],
    plugins: [lazily, namesInModules, ...plugins],
    define,
    sourcemap: 'inline',
    sourcesContent: false,
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  const outputs = Object.entries(metafile.outputs)
  return Promise.all(
    outputFiles.map((file) => {
      const [, output] = outputs.find(([path]) => resolve(path) === file.path)
      return asFunction(file, packagesOfOutputs([output]))
    }),
  )
}

/** Whether a folder already has exactly these files, compiled by this release of Node.js. */
function isWritten(folder, sources, starts, caches, contents) {
  const has = (path, text) => existsSync(path) && readFileSync(path, 'utf8') === text
  const names = existsSync(folder) ? readdirSync(folder) : []
  return (
    names.length === (2 + caches.length) * sources.length + starts.length + 3 &&
    starts.every(({ name, text }) => has(join(folder, name), text)) &&
    has(join(folder, 'node'), process.version) &&
    has(join(folder, contentsFile), contents) &&
    sources.every(({ path, source }) => has(path, source))
  )
}

/**
 * Replaces the packed files in a folder. Unchanged files are not touched: a test run or an agent
 * may be loading them.
 * @param starts files that load one of them, by its name
 * @param caches suffixes of the code caches, and the V8 features that are disabled
 */
export function writePacked(folder, packed, starts, caches = [{ suffix: '', off: [] }]) {
  const files = [...new Map(packed.map((file) => [file.path, file])).values()]
  const sources = files.map(({ path, code, map }) => {
    const digest = createHash('sha256').update(code).digest('hex').slice(0, unknownDigest.length)
    return { path, digest, map, source: code.replace(unknownDigest, digest) }
  })
  const contents = contentsText(mergePackages(...files.map(({ packages }) => packages)))
  if (isWritten(folder, sources, starts, caches, contents)) return
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const { path, digest, map, source } of sources) {
    writeFileSync(path, source)
    writeFileSync(`${path}.map`, indexMap(map))
    for (const { suffix, off } of caches) {
      writeFileSync(`${path.slice(0, -3)}-${digest}${suffix}.v8`, compiled(source, path, off))
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }\n')
  for (const { name, text } of starts) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, contentsFile), contents)
  writeFileSync(join(folder, 'node'), process.version)
}
