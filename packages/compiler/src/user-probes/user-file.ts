import type { ElfFile, UsdtProbe } from '@tetragon-ts/ebpf/elf'

/** A program or library of user space, as hooks are planned for it. */
export interface UserFile extends Disposable {
  /** Its path in its root. */
  readonly path: string
  /** Its content. @throws ElfError */
  readonly elf: ElfFile
  /** All places of its static probes. @throws ElfError */
  readonly usdtProbes: readonly UsdtProbe[]
  /** Reads its beginning. @param length maximum number of bytes */
  read(length: number): Uint8Array
  /**
   * Its digest in hexadecimal.
   * @param algorithm sha1, sha256, sha384, sha512, or `build-id`, which is empty if it has none
   */
  digest(algorithm: string): string
}
