import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DescribedKernel } from '@tetragon-ts/compiler/kernel-description'

/** A kernel of a file. */
export interface NamedKernel {
  /** Its release; with the file if several have the same release. */
  readonly name: string
  readonly kernel: DescribedKernel
}

/**
 * Reads descriptions of kernels; of a folder all files that end in `.kernel`.
 * @throws Error that names the file
 */
export async function readKernels(paths: readonly string[]): Promise<readonly NamedKernel[]> {
  const found: { file: string; kernel: DescribedKernel }[] = []
  for (const file of await kernelFiles(paths)) found.push({ file, kernel: await readKernel(file) })
  const releases = found.map(({ kernel }) => kernel.release)
  return found.map(({ file, kernel }) => {
    const isShared = releases.filter((each) => each === kernel.release).length > 1
    return { name: isShared ? `${kernel.release} (${file})` : kernel.release, kernel }
  })
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

async function readKernel(file: string): Promise<DescribedKernel> {
  // Loaded on demand: the compiler is slow to load.
  const { decodeKernel, describedKernel, fileMax } = await import(
    '@tetragon-ts/compiler/kernel-description'
  )
  try {
    return describedKernel(decodeKernel(await readLimited(file, fileMax)))
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
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
