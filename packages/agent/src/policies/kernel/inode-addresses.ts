import { inodeAddress, inodeProgram } from '@tetragon-ts/compiler'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'

/** Finds where the kernel has the inodes of files. The program is loaded on first use. */
export class InodeAddresses {
  readonly #collection: Collection
  #program: LoadedProgram | undefined

  constructor(collection: Collection) {
    this.#collection = collection
  }

  /**
   * The address of the inode of a descriptor; it is valid as long as the descriptor is open.
   * @throws SystemCallError
   */
  of(descriptor: number): bigint {
    this.#program ??= this.#collection.load(inodeProgram)
    const context = new Uint8Array(BigUint64Array.of(BigInt(descriptor)).buffer)
    const { returnValue } = this.#program.testRun({ context })
    const address = this.#collection.map(inodeAddress).lookup(0)
    if (returnValue !== 1 || !address) throw new RangeError(`descriptor ${descriptor} has no file`)
    return address
  }
}
