import { createHash } from 'node:crypto'
import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { UserFile } from '@tetragon-ts/compiler/kernel-description'
import { descriptorSource, ElfFile, type UsdtProbe } from '@tetragon-ts/ebpf/elf'

const linksMax = 40
const chunkSize = 1 << 20

/** A program below a folder with the files of a node, or of an image. */
export class RootFile implements UserFile {
  readonly path: string
  readonly #descriptor: number
  #elf: ElfFile | undefined

  /**
   * @param root absolute path of the folder
   * @param path its path on the node
   * @throws NodeJS.ErrnoException, Error if it is not a regular file
   */
  static open(root: string, path: string): RootFile {
    const found = follow(root, path)
    // Devices and pipes must not be opened: that may have effects.
    if (!lstatSync(found).isFile()) throw new Error(`open ${path}: it is not a regular file`)
    return new RootFile(path, openSync(found, 'r'))
  }

  private constructor(path: string, descriptor: number) {
    this.path = path
    this.#descriptor = descriptor
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }

  get elf(): ElfFile {
    this.#elf ??= ElfFile.read(descriptorSource(this.#descriptor))
    return this.#elf
  }

  get usdtProbes(): readonly UsdtProbe[] {
    return this.elf.usdtProbes()
  }

  read(length: number): Uint8Array {
    const bytes = Buffer.alloc(Math.min(fstatSync(this.#descriptor).size, length))
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, bytes.length, 0))
  }

  digest(algorithm: string): string {
    if (algorithm === 'build-id') return Buffer.from(this.elf.buildId ?? []).toString('hex')
    const hash = createHash(algorithm)
    const chunk = Buffer.allocUnsafe(chunkSize)
    for (let at = 0; ; ) {
      const count = readSync(this.#descriptor, chunk, 0, chunkSize, at)
      if (count === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, count))
      at += count
    }
  }
}

/** The file at a path of a node. Links lead to files below the root too, not to those of here. */
function follow(root: string, path: string): string {
  let links = 0
  let at = '/'
  let rest = path.split('/')
  while (rest.length > 0) {
    const [name, ...others] = rest
    rest = others
    const next = resolve(at, name)
    if (!lstatSync(join(root, next)).isSymbolicLink()) {
      at = next
      continue
    }
    if (++links > linksMax) throw new Error(`open ${path}: too many links`)
    const target = resolve(dirname(next), readlinkSync(join(root, next)))
    rest = [...target.split('/'), ...others]
    at = '/'
  }
  return join(root, at)
}
