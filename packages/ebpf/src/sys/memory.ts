import { check, mmap, munmap, viewMemory } from './ffi.ts'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_PRIVATE = 2
const MAP_ANONYMOUS = 0x20

/**
 * Memory whose address can be passed to the kernel: it never moves, unlike a Buffer of the
 * JavaScript heap. User addresses have 47 bits, so a number holds them exactly.
 */
export class Memory {
  readonly address: number
  readonly size: number
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly #mapped: boolean

  private constructor(
    address: number,
    buffer: ArrayBuffer,
    offset: number,
    size: number,
    mapped: boolean,
  ) {
    this.address = address
    this.size = size
    this.bytes = new Uint8Array(buffer, offset, size)
    this.view = new DataView(buffer, offset, size)
    this.#mapped = mapped
  }

  /** Fresh zeroed memory of at least `size` bytes. */
  static allocate(size: number): Memory {
    const length = Math.max(8, size)
    const address = check(
      mmap(0, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      `allocate ${length} bytes`,
    )
    return new Memory(address, viewMemory(address, length), 0, length, true)
  }

  /**
   * Maps a file descriptor (ring buffer, mmapable array map, perf event).
   * @param writable whether stores are wanted; the kernel allows them only for some objects
   */
  static map(fd: number, offset: number, size: number, writable: boolean, what: string): Memory {
    const protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
    const address = check(mmap(0, size, protection, MAP_SHARED, fd, offset), `map ${what}`)
    return new Memory(address, viewMemory(address, size), 0, size, true)
  }

  /** A part of this memory; it is valid as long as this one is. */
  slice(offset: number, size: number): Memory {
    const { buffer, byteOffset } = this.bytes
    return new Memory(
      this.address + offset,
      buffer as ArrayBuffer,
      byteOffset + offset,
      size,
      false,
    )
  }

  /** The bytes up to the first zero as text. */
  text(): string {
    const end = this.bytes.indexOf(0)
    return Buffer.from(this.bytes.subarray(0, end < 0 ? this.size : end)).toString()
  }

  /** Gives the memory back. Any later use of `bytes` or `view` would crash the process. */
  free(): void {
    if (this.#mapped) munmap(this.address, this.size)
  }

  [Symbol.dispose](): void {
    this.free()
  }
}
