// The files inside the executable, in the places that they have in their packages.

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { mergePackages, packageOfFolder, readContents } from '../bill/contained-packages.mjs'
import { pack, threads } from '../pack.mjs'
import { version, writeLicences } from '../programs.mjs'
import { root } from '../setup.mjs'

/** koffi asks this module for a native library that is part of the program. */
const nativeLibrary = {
  name: 'native-library',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^koffi\.node$/ }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /\/koffi\/src\/static\.cjs$/ }, () => {
      return { contents: "exports.loadStatic = () => require('koffi.node')" }
    })
  },
}

/**
 * Writes the files below a folder. Packed files do not have V8's code yet.
 * @param licence that of Node.js
 * @returns the npm packages in them
 */
export async function writeFiles(folder, licence) {
  const write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const packages = []
  for (const [name, bundle] of [
    ['agent', 'bundle'],
    ['tetra', 'bundle/commands'],
  ]) {
    const from = join(root, 'packages', name)
    packages.push(readContents(join(from, bundle)))
    write(`${name}/package.json`, JSON.stringify({ ...manifest(from), version }))
    for (const file of readdirSync(join(from, bundle))) {
      if (isPacked(join(from, bundle), file) || file === 'library-rules.json') {
        write(join(name, bundle, file), readFileSync(join(from, bundle, file)))
      }
    }
  }
  const packed = [
    ...(await pack(join(folder, 'koffi'), { koffi: modulePath('koffi/index.cjs') }, koffi)),
    ...(await pack(join(folder, 'console'), { page: join(root, 'packages/console/page/page.js') })),
  ]
  for (const { path, code, packages: inFile } of packed) {
    packages.push(inFile)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, code)
  }
  const library = modulePath(`@koromix/koffi-linux-${process.arch}`)
  copyFileSync(join(library, `linux_${process.arch}/koffi.node`), join(folder, 'koffi/koffi.node'))
  packages.push([packageOfFolder(library)])
  const thread = await launcher('thread')
  for (const { packed, file } of threads) {
    write(`agent/bundle/${file}`, `${thread}\nmodule.exports.runThread('${packed}')\n`)
  }
  writeLicences(join(folder, 'licences'))
  copyFileSync(licence, join(folder, 'licences/nodejs'))
  return mergePackages(...packages)
}

const koffi = { plugins: [nativeLibrary], define: { __filename: '"/koffi"', __dirname: '"/"' } }

const modulePath = (path) => join(root, 'node_modules', path)
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Whether a file is packed code: beside it are its source map, and files that start one. */
function isPacked(folder, file) {
  return file.endsWith('.js') && readdirSync(folder).includes(`${file}.map`)
}

/** A module of the agent's folder `executable`, with what it imports. */
export async function launcher(name) {
  const { outputFiles } = await build({
    entryPoints: [join(root, `packages/agent/dist/executable/${name}.js`)],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    write: false,
    logLevel: 'warning',
  })
  return outputFiles[0].text
}
