// The licences of the packages that the programs contain.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isOurs } from './bill/contained-packages.mjs'
import { root } from './setup.mjs'

/** Packages of which programs are made. */
const programs = ['agent', 'console', 'operator', 'tetra']
/** Contain types for the compiler only. */
const typesOnly = /^(@types\/|undici-types$)/
const licenceFile = /^(licen[cs]e|notice|copying)([.-].*)?$/i

/** Name, version, licence and texts of each package, by name. */
export function thirdPartyNotices() {
  const found = new Set(programs.flatMap((name) => neededFolders(join(root, 'packages', name))))
  const entries = [...found]
    .filter((path) => !isOurs(manifest(path).name))
    .map((path) => ({ title: titleOf(manifest(path)), texts: licenceTexts(path) }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
  const first = new Map()
  for (const { title, texts } of entries) {
    for (const text of texts) if (!first.has(text)) first.set(text, title)
  }
  const once = (text, title) => {
    return first.get(text) === title ? text : `The text is that of ${first.get(text)}.`
  }
  const head = 'Programs of tetragon-ts contain these packages, under the licences that follow.\n'
  const rule = `\n${'-'.repeat(80)}\n\n`
  const sections = entries.map(({ title, texts }) => {
    return [title, ...texts.map((text) => once(text, title))].join('\n\n')
  })
  return `${[head, ...sections].join(rule)}\n`
}

const titleOf = ({ name, version, license }) => `${name} ${version} (${license})`

function licenceTexts(folder) {
  const files = readdirSync(folder).filter((file) => licenceFile.test(file))
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
}

/** The folders of the packages that one needs, of those that they need, and so on. */
export function neededFolders(folder, found = new Set()) {
  const { dependencies, optionalDependencies } = manifest(folder)
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const path = resolvePackage(name, folder)
    // Native libraries of other processor architectures are not installed.
    if (path === undefined || found.has(path) || typesOnly.test(name)) continue
    found.add(path)
    neededFolders(path, found)
  }
  return [...found]
}

const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** As Node.js does: in the nearest folder `node_modules` that has it. */
function resolvePackage(name, from) {
  const path = join(from, 'node_modules', name)
  if (existsSync(join(path, 'package.json'))) return realpathSync(path)
  const above = dirname(from)
  return above === from ? undefined : resolvePackage(name, above)
}
