import { createHash } from 'node:crypto'
import { constants, fstatSync, openSync, readSync } from 'node:fs'
import { descriptorSource, ElfFile, type UsdtProbe } from '@tetragon-ts/ebpf/elf'
import { Fd, followInRoot } from '@tetragon-ts/ebpf/sys'
import type { UserFile } from '../user-probes/index.ts'
import { Recent } from './recent.ts'

const chunkSize = 1 << 20
/** Hashing blocks the agent: bytes of a file of the host, and of a container. */
const hashedMax = { host: 1 << 30, container: 1 << 28 } as const
/** include/uapi/asm-generic/fcntl.h: a descriptor that only names the file. */
const O_PATH = 0o10000000

/** A policy may have a hook for each probe of a file. */
const usdtProbes = new Recent<readonly UsdtProbe[]>(4)

/** A program or library of user space, open. */
export class OpenUserFile implements UserFile {
  /** Its path in its root. */
  readonly path: string
  readonly descriptor: Fd
  #elf: ElfFile | undefined
  readonly #isForeign: boolean
  readonly #digests = new Map<string, string>()

  private constructor(path: string, descriptor: Fd, isForeign: boolean) {
    this.path = path
    this.#isForeign = isForeign
    this.descriptor = descriptor
  }

  /**
   * Opens a file of the host.
   * @param root leads to its root, also for links in the path
   * @throws SystemCallError, Error if it is not a regular file
   */
  static open(root: string, path: string): OpenUserFile {
    using folder = new Fd(openSync(root, O_PATH | constants.O_DIRECTORY))
    return OpenUserFile.#openIn(folder, path, false)
  }

  /**
   * Opens a file of a container, in the mount of its root.
   * @throws SystemCallError, Error if it is not a regular file
   */
  static openForeign(root: Fd, path: string): OpenUserFile {
    return OpenUserFile.#openIn(root, path, true)
  }

  static #openIn(root: Fd, path: string, isForeign: boolean): OpenUserFile {
    // Devices and pipes must not be opened: that may have effects.
    using found = followInRoot(root, path, isForeign)
    if (!fstatSync(found.number).isFile()) {
      throw new Error(`open ${path}: it is not a regular file`)
    }
    // Without waiting for the holder of a lease.
    const { O_RDONLY, O_NONBLOCK } = constants
    const descriptor = openSync(`/proc/self/fd/${found.number}`, O_RDONLY | O_NONBLOCK)
    return new OpenUserFile(path, new Fd(descriptor), isForeign)
  }

  /** Its content. @throws ElfError */
  get elf(): ElfFile {
    this.#elf ??= ElfFile.read(descriptorSource(this.descriptor.number))
    return this.#elf
  }

  /** All places of its static probes. @throws ElfError */
  get usdtProbes(): readonly UsdtProbe[] {
    return usdtProbes.of(this.version, () => this.elf.usdtProbes())
  }

  /** Another one for another file, and after each change of one. */
  get version(): string {
    const { dev, ino } = fstatSync(this.descriptor.number, { bigint: true })
    return `${dev} ${ino} ${this.content}`
  }

  /** Another one after each change. */
  get content(): string {
    const { size, ctimeNs } = fstatSync(this.descriptor.number, { bigint: true })
    return `${size} ${ctimeNs}`
  }

  /** Reads until the end: a read of a file in /sys/kernel/btf returns at most a page. */
  read(length: number): Uint8Array {
    const { size } = fstatSync(this.descriptor.number)
    const bytes = Buffer.alloc(Math.min(size, length))
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(this.descriptor.number, bytes, filled, bytes.length - filled, filled)
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  }

  /**
   * Its digest in hexadecimal.
   * @param algorithm sha1, sha256, sha384, sha512, or `build-id`, which is empty if it has none
   */
  digest(algorithm: string): string {
    const known = this.#digests.get(algorithm)
    if (known !== undefined) return known
    const digest =
      algorithm === 'build-id'
        ? Buffer.from(this.elf.buildId ?? []).toString('hex')
        : this.#hash(algorithm)
    this.#digests.set(algorithm, digest)
    return digest
  }

  #hash(algorithm: string): string {
    const most = hashedMax[this.#isForeign ? 'container' : 'host']
    const hash = createHash(algorithm)
    const chunk = Buffer.allocUnsafe(chunkSize)
    for (let at = 0; ; ) {
      const count = readSync(this.descriptor.number, chunk, 0, chunkSize, at)
      if (count === 0) return hash.digest('hex')
      hash.update(chunk.subarray(0, count))
      at += count
      // Its owner may make it grow.
      if (at > most) throw new Error(`hash ${this.path}: it has more than ${most >> 20} MiB`)
    }
  }

  [Symbol.dispose](): void {
    this.descriptor.close()
  }
}
