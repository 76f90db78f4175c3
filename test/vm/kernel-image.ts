import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DebianArchive } from '@tetragon-ts/test/archives'
import type { ErrorCodeOf } from '../error-codes.ts'
import { loadOrder } from './kernel-modules.ts'
import { findKernelPackages, type KernelPackages } from './kernel-packages.ts'
import { builtKernel, matrixKernels } from './kernels.ts'
import { sharedCachePath } from './repository.ts'
import { makeWorkFolder } from './work-folder.ts'

/**
 * Drivers that the guest needs to read the host's files, modules in older kernels; and the file
 * system of containers, which tests mount.
 */
export const bootModules: readonly string[] = ['virtio_pci', 'virtiofs', 'overlay']
/** A module without dependencies, for cases that load one. */
export const spareModule = 'dummy'

/** More modules for a guest. The kernel with them is cached beside the one without. */
export interface ModuleSet {
  /** Suffix of the folder in the cache. */
  readonly name: string
  readonly modules: readonly string[]
}

/** A kernel that is ready to boot. */
export interface KernelImage {
  /** As named in the matrix, e.g. `6.12`. */
  readonly name: string
  /** Output of `uname -r`. */
  readonly release: string
  /** Debian's version. */
  readonly version: string
  /** Path of the boot image. */
  readonly image: string
  /** Paths of modules, in load order. */
  readonly modules: readonly string[]
  /** Path of a module for cases that load one. */
  readonly spareModule: string
}

/** The archive does not have the kernel (any more). */
export class KernelMissingError extends Error {
  readonly code: ErrorCodeOf<'KernelMissingError'> = 'KERNEL_MISSING'
  override readonly name = 'KernelMissingError'
}

/**
 * Returns kernels from the cache, and downloads missing ones. A cached kernel needs no network: to
 * get newer builds, delete `kernels` in the shared cache. A kernel that is missing in the archive
 * is a KernelMissingError, failed downloads are other errors.
 * @param set modules that the guest also loads
 */
export async function kernelImages(
  names: readonly string[],
  set?: ModuleSet,
): Promise<Map<string, KernelImage | Error>> {
  const found = new Map<string, KernelImage | Error>()
  const absent: string[] = []
  for (const name of names) {
    const cached = await readCached(name, set)
    if (cached === undefined && name === builtKernel.name) found.set(name, notBuilt())
    else if (cached === undefined) absent.push(name)
    else found.set(name, cached)
  }
  if (absent.length > 0) await fetchInto(found, absent, set)
  return new Map(names.map((name) => [name, found.get(name)!]))
}

function notBuilt(): Error {
  return new Error(`boot ${builtKernel.name}: it is not built yet; run: npm run build:kernel`)
}

/** Content of kernel.json; modules are files next to it. */
interface StoredKernel {
  readonly release: string
  readonly version: string
  readonly modules: readonly string[]
  /** The modules that it was stored for, without those that they need. */
  readonly boot: readonly string[]
  readonly spareModule: string
  /** The modules of the set, without those that they need. */
  readonly set?: readonly string[]
}

function cachedFolder(name: string, set: ModuleSet | undefined): string {
  return sharedCachePath('kernels', set === undefined ? name : `${name}-${set.name}`)
}

async function readCached(
  name: string,
  set: ModuleSet | undefined,
): Promise<KernelImage | undefined> {
  const folder = cachedFolder(name, set)
  let text: string
  try {
    text = await readFile(join(folder, 'kernel.json'), 'utf8')
  } catch {
    return undefined
  }
  const stored = JSON.parse(text) as Partial<StoredKernel>
  const { release, version, modules, spareModule: spare } = stored
  // Data stored by an earlier version lacks some fields.
  if (!release || !version || !modules || !spare) return undefined
  if (String(stored.boot) !== String(bootModules)) return undefined
  if (String(stored.set) !== String(set?.modules)) return undefined
  return {
    name,
    release,
    version,
    image: join(folder, 'vmlinuz'),
    modules: modules.map((file) => join(folder, file)),
    spareModule: join(folder, spare),
  }
}

async function fetchInto(
  found: Map<string, KernelImage | Error>,
  names: readonly string[],
  set: ModuleSet | undefined,
): Promise<void> {
  // A folder for this run only: locks and partial files of apt do not disturb other runs.
  const work = await makeWorkFolder(sharedCachePath('kernels'), 'fetch')
  try {
    const kernels = matrixKernels.filter((kernel) => names.includes(kernel.name))
    const { archive, problems } = await DebianArchive.open(join(work, 'apt'), kernels)
    for (const name of names) {
      try {
        const packages = await findKernelPackages(archive, name)
        if (packages === undefined) throw absence(name, problems)
        await unpack(archive, name, packages, set, join(work, name))
        found.set(name, (await readCached(name, set))!)
      } catch (error) {
        found.set(name, error as Error)
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/**
 * Distinguishes a removed kernel from an unreachable archive. `problems` has apt's messages about
 * the package lists.
 */
export function absence(name: string, problems: readonly string[]): Error {
  const unreachable = problems.filter(
    (line) => !/404|does not have a Release file|Some index files failed/.test(line),
  )
  if (unreachable.length > 0) {
    return new Error(`fetch kernel ${name}: ${unreachable.join('; ')}`)
  }
  const kernel = matrixKernels.find((candidate) => candidate.name === name)
  const suites = [...(kernel?.suites ?? []), ...(kernel?.securitySuites ?? [])].join(', ')
  const gone = problems.length > 0 ? ` (${problems.join('; ')})` : ''
  return new KernelMissingError(`the archive has no cloud kernel ${name} in ${suites}${gone}`)
}

async function unpack(
  archive: DebianArchive,
  name: string,
  { release, version, packages }: KernelPackages,
  set: ModuleSet | undefined,
  work: string,
): Promise<void> {
  const tree = join(work, 'tree')
  const ready = join(work, 'ready')
  await archive.unpack(packages, tree)
  await mkdir(ready)
  // /lib is a link to /usr/lib in Debian, but packages use both.
  const libraries = (await readdir(tree)).includes('lib') ? 'lib' : 'usr/lib'
  const folder = join(tree, libraries, 'modules', release)
  const modules = await loadOrder(folder, [...bootModules, ...(set?.modules ?? [])])
  const spare = await loadOrder(folder, [spareModule])
  for (const { name: module, object } of [...modules, ...spare]) {
    await writeFile(join(ready, fileOf(module)), object)
  }
  await rename(await findImage(tree, libraries, release), join(ready, 'vmlinuz'))
  const stored: StoredKernel = {
    release,
    version,
    modules: modules.map((module) => fileOf(module.name)),
    boot: bootModules,
    spareModule: fileOf(spareModule),
    ...(set === undefined ? {} : { set: set.modules }),
  }
  await writeFile(join(ready, 'kernel.json'), `${JSON.stringify(stored, null, 2)}\n`)
  const target = cachedFolder(name, set)
  if ((await readCached(name, set)) === undefined)
    await rm(target, { recursive: true, force: true })
  try {
    await rename(ready, target)
  } catch (error) {
    // Another run was faster; or the existing folder is broken, which remains an error.
    if ((await readCached(name, set)) === undefined) throw error
  }
}

function fileOf(module: string): string {
  return `${module}.ko`
}

/** Packages up to 6.x have the image in /boot, later ones next to the modules. */
async function findImage(tree: string, libraries: string, release: string): Promise<string> {
  const inBoot = join(tree, 'boot', `vmlinuz-${release}`)
  const besideModules = join(tree, libraries, 'modules', release, 'vmlinuz')
  return (await stat(inBoot).catch(() => undefined)) ? inBoot : besideModules
}
