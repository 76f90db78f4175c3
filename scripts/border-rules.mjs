// The rules of the table in borders.mjs, for one import.

import { dirname, join, relative } from 'node:path/posix'
import { layers, packages } from './borders.mjs'

const scope = '@tetragon-ts/'
const ffi = { module: 'koffi', owner: 'packages/ebpf/src/sys' }
const ownErrors = 'packages/ebpf/src/errors'

const isTest = (file) => /^test\/|\.test\.tsx?$|\/testing\//.test(file)
const isBelow = (file, folder) => file.startsWith(`${folder}/`)

/** Sources of a package, or of the tests and benchmarks, which have no folder of their own. */
export const sourcesOf = (path) => (path.startsWith('packages/') ? `${path}/src` : path)

/** Why a file may not import a module that is not of its package; undefined if it may. */
function refusedModule(file, owner, module, names) {
  const rules = packages[owner]
  const { because = 'packages are used by what they export' } = rules
  const folderIn = (folders) => folders.some((each) => isBelow(file, `${sourcesOf(owner)}/${each}`))
  const { withKernel } = rules
  const hasKernel = withKernel !== undefined && (isTest(file) || folderIn(withKernel.folders))
  if (module === ffi.module && !isBelow(file, ffi.owner))
    return `the FFI belongs to ${ffi.owner} alone`
  if (rules.refuses?.includes(module)) return because
  if (module.startsWith('node:')) {
    const { inBrowsers = false } = rules
    const isRefused =
      inBrowsers === true ? !hasKernel : inBrowsers && !isTest(file) && folderIn(inBrowsers)
    return isRefused ? 'it runs in browsers too' : undefined
  }
  if (!module.startsWith(scope)) return undefined
  const [name, ...part] = module.slice(scope.length).split('/')
  if (rules.pure && folderIn(rules.pure)) return 'clients without a kernel import this folder'
  if (isBelow(file, ffi.owner)) return 'sys imports nothing but the FFI'
  if (name === owner.slice(owner.lastIndexOf('/') + 1) || rules.imports.includes(name))
    return undefined
  if (hasKernel && withKernel.parts.includes(name)) return undefined
  if (rules.parts?.[name]?.includes(part[0])) return undefined
  const wanted = rules.names?.[name]
  const isNamed = wanted && part.length === 0 && names.every((each) => wanted.includes(each))
  return isNamed ? undefined : because
}

/** Why a file may not import another one of the repository; undefined if it may. */
function refusedFile(file, owner, target) {
  const sources = sourcesOf(owner)
  if (!isBelow(target, sources)) return 'packages are used by what they export'
  for (const name of packages[owner].pure ?? []) {
    const folder = `${sources}/${name}`
    if (isBelow(file, folder) && !isBelow(target, folder))
      return 'clients without a kernel import this folder'
  }
  if (isBelow(file, ffi.owner) && ![ffi.owner, ownErrors].some((each) => isBelow(target, each))) {
    return 'sys imports nothing but the FFI'
  }
  if (isTest(file) && target === `${sources}/index.ts`) return undefined
  if (isBelow(target, `${sources}/testing`) || /\/testing\//.test(target)) {
    return isTest(file) ? undefined : 'only tests import what is for tests'
  }
  for (const [folder, order] of Object.entries(layers)) {
    if (!isBelow(file, folder) || !isBelow(target, folder)) continue
    const [own, ...others] = relative(folder, file).split('/')
    // Tests beside the folders cover several of them, and so does what is for them.
    if (isTest(file) && (others.length === 0 || own === 'testing')) continue
    const [other] = relative(folder, target).split('/')
    // Files beside the folders that are not listed are below all of them.
    if (order.indexOf(other) > order.indexOf(own)) return `layers above this one`
  }
  return undefined
}

/** Imports and exports of other modules, whose quotes are those of the formatter. */
const statement =
  /\b(?:import|export)\s+(?:type\s+)?([^'"`;()]*?)\s*from\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

/** The names in a clause such as `{ a, type B, c as d }`; `*` for others. */
function namesIn(clause) {
  const [, list] = /^\{([^}]*)\}$/.exec(clause) ?? []
  if (list === undefined) return ['*']
  const words = list.split(',').map(
    (each) =>
      each
        .trim()
        .replace(/^type /, '')
        .split(' as ')[0],
  )
  return words.filter((word) => word !== '')
}

/**
 * The imports of a file that cross a border: module, line and reason.
 * @param file its path in the repository, whose text this is
 */
export function crossings(file, text) {
  const owner = Object.keys(packages).find((path) => isBelow(file, sourcesOf(path)))
  if (owner === undefined) return []
  return [...text.matchAll(statement)].flatMap(({ 1: clause = '', 2: from, 3: alone, index }) => {
    const module = from ?? alone
    const reason = module.startsWith('.')
      ? refusedFile(file, owner, join(dirname(file), module))
      : refusedModule(file, owner, module, namesIn(clause))
    const line = text.slice(0, index).split('\n').length
    return reason === undefined ? [] : [{ module, line, reason }]
  })
}
