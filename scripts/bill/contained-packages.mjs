// The npm packages whose code is in bundles: by the output of esbuild, not by package.json files.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { root } from '../setup.mjs'

/** Beside bundled files: the packages in them. */
export const contentsFile = 'packages.json'
/** The page is a file of ours that contains packages. */
const page = join(root, 'packages/console/page')

/**
 * Packages of the inputs of which an output has at least a byte.
 * @param outputs of esbuild's metafile, whose paths are relative to `folder`
 */
export function packagesOfOutputs(outputs, folder = process.cwd()) {
  const paths = outputs.flatMap(({ inputs }) => {
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    return used.map(([path]) => resolve(folder, path.replace(/^[\w-]+:/, '')))
  })
  // Inputs without a file are texts of the build scripts.
  const folders = new Set(paths.filter((path) => existsSync(path)).map(dirname))
  return mergePackages(...[...folders].map(packagesOfFolder))
}

/** The package that has a folder of inputs, without those of this repository. */
function packagesOfFolder(folder) {
  if (`${folder}${sep}`.startsWith(page + sep)) return readContents(page)
  const found = packageOfFolder(nearestPackage(folder))
  return isOurs(found.name) ? [] : [found]
}

/** Whether a package is of this repository. */
export function isOurs(name) {
  return name === 'tetragon-ts' || name.startsWith('@tetragon-ts/')
}

/** Folders inside a package can have a package.json with nothing but a type. */
function nearestPackage(folder) {
  const path = join(folder, 'package.json')
  if (existsSync(path)) {
    const { name, version } = JSON.parse(readFileSync(path, 'utf8'))
    if (name && version) return folder
  }
  if (dirname(folder) === folder) throw new Error('find the package of an input: none')
  return nearestPackage(dirname(folder))
}

/** Name, version and licence of the package in a folder. */
export function packageOfFolder(folder) {
  const path = join(folder, 'package.json')
  const { name, version, license } = JSON.parse(readFileSync(path, 'utf8'))
  return { name, version, license }
}

/** Each package once, in order. */
export function mergePackages(...lists) {
  const byKey = new Map(lists.flat().map((each) => [`${each.name}@${each.version}`, each]))
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each)
}

/** The packages in the bundled files of a folder. */
export function readContents(folder) {
  return JSON.parse(readFileSync(join(folder, contentsFile), 'utf8'))
}

/** @returns the text of a folder's list of packages */
export const contentsText = (packages) => `${JSON.stringify(packages, null, 2)}\n`

/** Writes a folder's list of packages, if it changes. */
export function writeContents(folder, packages) {
  const path = join(folder, contentsFile)
  const text = contentsText(packages)
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
}
