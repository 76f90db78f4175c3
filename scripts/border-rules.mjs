// The rules of the table in borders.mjs, for one import.

import { dirname, join, relative } from 'node:path/posix'
import { layers, packages } from './borders.mjs'
import { importsOf } from './imports.mjs'

const scope = '@tetragon-ts/'
/** The only folder that may import the FFI; of the repository it imports the errors alone. */
const sys = { folder: 'packages/ebpf/src/sys', below: 'packages/ebpf/src/errors' }

const isTest = (file) => /^test\/|\.test\.tsx?$|\/testing\//.test(file)
const isBelow = (file, folder) => file.startsWith(`${folder}/`)

/** Sources of a package, or of the tests and benchmarks, which have no folder of their own. */
export const sourcesOf = (path) => (path.startsWith('packages/') ? `${path}/src` : path)

/** A folder with nothing of the repository but its own files, and why; undefined for most files. */
function closedFolder(file, owner) {
  if (isBelow(file, sys.folder)) {
    return { folders: [sys.folder, sys.below], reason: 'sys imports nothing but the FFI' }
  }
  const pure = packages[owner].pure?.map((name) => `${sourcesOf(owner)}/${name}`)
  const folder = pure?.find((each) => isBelow(file, each))
  return folder && { folders: [folder], reason: 'clients without a kernel import this folder' }
}

/** Why a file may not import a module by its name; undefined if it may. */
function refusedModule(file, owner, module, names) {
  const rules = packages[owner]
  const { because = 'packages are used by what they export', withKernel, inBrowsers } = rules
  const isIn = (folders) => folders.some((each) => isBelow(file, `${sourcesOf(owner)}/${each}`))
  const hasKernel = withKernel !== undefined && (isTest(file) || isIn(withKernel.folders))
  if (module === 'koffi') return isBelow(file, sys.folder) ? undefined : 'sys alone has the FFI'
  if (rules.refuses?.includes(module)) return because
  if (module.startsWith('node:')) {
    const isPortable = Array.isArray(inBrowsers) ? !isTest(file) && isIn(inBrowsers) : inBrowsers
    return isPortable && !hasKernel ? 'it runs in browsers too' : undefined
  }
  if (!module.startsWith(scope)) return undefined
  const closed = closedFolder(file, owner)
  if (closed) return closed.reason
  const [name, part] = module.slice(scope.length).split('/')
  const whole = [owner.slice(owner.lastIndexOf('/') + 1), ...rules.imports]
  if (whole.includes(name) || (hasKernel && withKernel.parts.includes(name))) return undefined
  if (rules.parts?.[name]?.includes(part)) return undefined
  const allowed = part === undefined ? (rules.names?.[name] ?? []) : []
  return names.every((each) => allowed.includes(each)) ? undefined : because
}

/** Why a file may not import another one of the repository; undefined if it may. */
function refusedFile(file, owner, target) {
  const sources = sourcesOf(owner)
  if (!isBelow(target, sources)) return 'packages are used by what they export'
  const closed = closedFolder(file, owner)
  if (closed && !closed.folders.some((each) => isBelow(target, each))) return closed.reason
  // Tests may use the package as others do.
  if (isTest(file) && target === `${sources}/index.ts`) return undefined
  if (target.includes('/testing/')) {
    return isTest(file) ? undefined : 'only tests import what is for tests'
  }
  const isHigher = ([folder, order]) => {
    if (!isBelow(file, folder) || !isBelow(target, folder)) return false
    const [own, ...others] = relative(folder, file).split('/')
    // Tests beside the folders cover several of them, and so does what is for them.
    if (isTest(file) && (others.length === 0 || own === 'testing')) return false
    const [other] = relative(folder, target).split('/')
    // Files beside the folders that are not listed are below all of them.
    return order.indexOf(other) > order.indexOf(own)
  }
  return Object.entries(layers).some(isHigher) ? 'layers above this one' : undefined
}

/**
 * The imports of a file that cross a border: module, line and reason.
 * @param file its path in the repository, whose text this is
 */
export function crossings(file, text) {
  const owner = Object.keys(packages).find((path) => isBelow(file, sourcesOf(path)))
  if (owner === undefined) return []
  return importsOf(text).flatMap(({ module, line, names }) => {
    const reason = module.startsWith('.')
      ? refusedFile(file, owner, join(dirname(file), module))
      : refusedModule(file, owner, module, names)
    return reason === undefined ? [] : [{ module, line, reason }]
  })
}
