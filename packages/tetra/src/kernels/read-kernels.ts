import { open, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Besides, DescribedKernel } from '@tetragon-ts/compiler/kernel-description'
import { RootFile } from './root-file.ts'

/** A kernel of a file. */
export interface NamedKernel {
  /** Its release; with the file if several have the same release. */
  readonly name: string
  readonly kernel: DescribedKernel
}

/** Kernels of files. */
export interface Kernels {
  readonly native: readonly NamedKernel[]
  /** Files with kernels for other processors, by architecture. */
  readonly foreign: ReadonlyMap<string, readonly string[]>
}

/**
 * Reads descriptions of kernels; of a folder all files that end in `.kernel`.
 * @param root folder with the files of a node; empty: there are none
 * @throws Error that names the file
 */
export async function readKernels(paths: readonly string[], root: string): Promise<Kernels> {
  const found: { file: string; kernel: DescribedKernel }[] = []
  const foreign = new Map<string, string[]>()
  for (const file of await kernelFiles(paths)) {
    const kernel = await readKernel(file, root)
    if (typeof kernel === 'string') foreign.set(kernel, [...(foreign.get(kernel) ?? []), file])
    else found.push({ file, kernel })
  }
  const releases = found.map(({ kernel }) => kernel.release)
  const native = found.map(({ file, kernel }) => {
    const isShared = releases.filter((each) => each === kernel.release).length > 1
    return { name: isShared ? `${kernel.release} (${file})` : kernel.release, kernel }
  })
  return { native, foreign }
}

async function kernelFiles(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const path of paths) {
    const isFolder = (await stat(path).catch(() => undefined))?.isDirectory()
    const names = isFolder ? (await readdir(path)).filter((name) => name.endsWith('.kernel')) : []
    if (isFolder && names.length === 0)
      throw new Error(`read kernels: ${path} has no *.kernel files`)
    files.push(...(isFolder ? names.sort().map((name) => join(path, name)) : [path]))
  }
  return [...new Set(files)]
}

/** @returns the architecture if it is not that of this computer */
async function readKernel(file: string, root: string): Promise<DescribedKernel | string> {
  // Loaded on demand: the compiler is slow to load.
  const { decodeKernel, describedKernel, fileMax } = await import(
    '@tetragon-ts/compiler/kernel-description'
  )
  try {
    const description = await decodeKernel(await readLimited(file, fileMax))
    const { architecture } = description.facts
    return architecture === process.arch
      ? describedKernel(description, root === '' ? {} : filesIn(resolve(root)))
      : architecture
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

function filesIn(root: string): Partial<Besides> {
  return {
    openUserFile: (path) => RootFile.open(root, path),
    *userFiles(path) {
      using file = RootFile.open(root, path)
      yield file
    },
  }
}

/** At most one byte more than the limit, so that the reader refuses a longer file. */
async function readLimited(file: string, limit: number): Promise<Uint8Array> {
  const handle = await open(file)
  try {
    const bytes = Buffer.alloc(Math.min((await handle.stat()).size, limit + 1))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
