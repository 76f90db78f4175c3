import { getRawAsset } from 'node:sea'
import { Script } from 'node:vm'
import { executableScheme } from '@tetragon-ts/service/own-files'
import { nativeLibrary } from './native-library.ts'

type Load = (name: string) => unknown
type PackedFunction = (
  module: { exports: object },
  exports: object,
  require: (id: string) => unknown,
  address: string,
) => void

/** Packages that packed files import by name, and where they are in the executable. */
const packages: Readonly<Record<string, readonly [folder: string, file: string]>> = {
  koffi: ['koffi', 'koffi'],
  '@tetragon-ts/console/page': ['console', 'page'],
}
const loaders = new Map<string, Load>()

/**
 * Loads packed files of the executable by their names, as bin/load-bundle.js does from disk; again
 * gives the same exports, whose type the caller states.
 * @param folder name of a folder in the executable
 */
export function packedFiles(folder: string): Load {
  const known = loaders.get(folder)
  if (known !== undefined) return known
  const loaded = new Map<string, { exports: object }>()
  const load = (name: string) => {
    const before = loaded.get(name)
    if (before !== undefined) return before.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const address = `${executableScheme}///${folder}/${name}.js`
    compile(`${folder}/${name}`, address)(module, module.exports, requireFrom, address)
    return module.exports
  }
  const requireFrom = (id: string) => {
    if (id.startsWith('./')) return load(id.slice(2, -3))
    if (id === 'koffi.node') return nativeLibrary()
    const found = packages[id]
    return found === undefined ? builtin(id) : packedFiles(found[0])(found[1])
  }
  loaders.set(folder, load)
  return load
}

/** Packed code has characters of ASCII only. The memory is that of the executable: not a copy. */
function compile(path: string, filename: string): PackedFunction {
  const source = Buffer.from(getRawAsset(`${path}.js`) as ArrayBuffer).toString('latin1')
  const cachedData = Buffer.from(getRawAsset(`${path}.v8`) as ArrayBuffer)
  return new Script(source, { filename, cachedData }).runInThisContext() as PackedFunction
}

/** @throws Error if Node.js does not have the module */
function builtin(id: string): unknown {
  const module: unknown = process.getBuiltinModule(id)
  if (module !== undefined) return module
  throw Object.assign(new Error(`load ${id}: it is not in the executable`), {
    code: 'MODULE_NOT_FOUND',
  })
}
