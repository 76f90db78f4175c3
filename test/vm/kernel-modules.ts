import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'

/** File name or name of a module in the spelling that the kernel uses for both. */
export function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_')
}

/** Dependencies of a module, from the `depends=` entry of its .modinfo section. */
export function moduleDependencies(object: Buffer): string[] {
  const key = Buffer.from('\0depends=')
  const start = object.indexOf(key)
  if (start < 0) return []
  const end = object.indexOf(0, start + key.length)
  const list = object.toString('latin1', start + key.length, end)
  return list === '' ? [] : list.split(',').map(moduleName)
}

/** A kernel module, ready to be loaded. */
export interface KernelModule {
  readonly name: string
  readonly object: Buffer
}

/**
 * Collects modules and their dependencies in load order. Built-in modules are omitted. `folder` is
 * lib/modules/<release> of the package, without the files of depmod. Throws if a module is neither
 * present nor built in.
 */
export async function loadOrder(folder: string, names: readonly string[]): Promise<KernelModule[]> {
  const builtin = new Set(
    (await readFile(join(folder, 'modules.builtin'), 'latin1')).split('\n').map(moduleName),
  )
  const files = new Map<string, string>()
  for (const file of await readdir(join(folder, 'kernel'), { recursive: true })) {
    if (/\.ko(\.xz)?$/.test(file)) files.set(moduleName(file), join(folder, 'kernel', file))
  }
  const ordered = new Map<string, KernelModule>()
  const visit = async (name: string): Promise<void> => {
    if (builtin.has(name) || ordered.has(name)) return
    const file = files.get(name)
    if (file === undefined) throw new Error(`load module ${name}: not in ${folder}`)
    const object = await readModule(file)
    for (const needed of moduleDependencies(object)) await visit(needed)
    ordered.set(name, { name, object })
  }
  for (const name of names) await visit(name)
  return [...ordered.values()]
}

async function readModule(file: string): Promise<Buffer> {
  if (file.endsWith('.xz')) await runOrThrow('xz', ['--decompress', '--keep', '--force', file])
  return readFile(file.replace(/\.xz$/, ''))
}
