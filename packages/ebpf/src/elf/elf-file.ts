import { readBuildId } from './build-id.ts'
import type { ElfBits } from './fields.ts'
import { findCode } from './find-code.ts'
import type { ElfMachine, ElfType } from './header.ts'
import { type ElfImage, readImage } from './image.ts'
import { readAllSymbols, readOwnSymbols } from './read-symbols.ts'
import { type ElfSource, openSource } from './source.ts'
import type { DebugFileOpener } from './symbols/debug-file.ts'
import type { SymbolTable } from './symbols/symbol-table.ts'
import { readUsdtProbes, type UsdtProbe } from './usdt/probes.ts'
import { variableAddresses } from './variable-addresses.ts'

/** RET; on x86 also in the middle of another instruction. */
const returns: Partial<Record<ElfMachine, Uint8Array>> = {
  'x86-64': Uint8Array.of(0xc3),
  x86: Uint8Array.of(0xc3),
  arm64: Uint8Array.of(0xc0, 0x03, 0x5f, 0xd6),
}

/**
 * An ELF file of x86-64, arm64, x86 or arm, little-endian. Only the parts that are asked for are
 * read. Files may be hostile: time and memory are bounded.
 *
 * @example
 * using file = ElfFile.open('/usr/bin/bash')
 * const [readline] = file.symbols.find('readline')
 * const offset = file.offsetOf(readline.address)
 */
export class ElfFile {
  readonly machine: ElfMachine
  readonly bits: ElfBits
  readonly type: ElfType
  readonly #image: ElfImage
  readonly #close: () => void
  #symbols: SymbolTable | undefined
  #buildId: { readonly value: Uint8Array | undefined } | undefined

  private constructor(source: ElfSource, close: () => void) {
    this.#image = readImage(source)
    this.#close = close
    this.machine = this.#image.header.machine
    this.bits = this.#image.header.bits
    this.type = this.#image.header.type
  }

  /**
   * Opens a file. Ranges are read through one descriptor when they are needed, synchronously, so
   * read what is needed, then close. Errors: EBPF_ELF_READ, EBPF_ELF_FORMAT, EBPF_ELF_UNSUPPORTED,
   * EBPF_ELF_LIMIT. All other functions may throw EBPF_ELF_READ.
   */
  static open(path: string): ElfFile {
    const { source, close } = openSource(path)
    try {
      return new ElfFile(source, close)
    } catch (error) {
      close()
      throw error
    }
  }

  /** Reads from a source that the caller closes. Errors: those of `open`. */
  static read(source: ElfSource): ElfFile {
    return new ElfFile(source, () => {})
  }

  /** Closes the file that `open` opened. Data that has been read stays valid. */
  close(): void {
    this.#close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Whether the address is in a part that can be executed. */
  isCode(address: number): boolean {
    return this.#image.addresses.isExecutable(address)
  }

  /**
   * The address of an instruction that returns to the caller of a function; undefined if none is
   * found.
   */
  findReturn(): number | undefined {
    const instruction = returns[this.machine]
    return instruction && findCode(this.#image, instruction)
  }

  /** The bytes of a section, at most `max` of them; undefined if there is none of that name. */
  section(name: string, max: number): Uint8Array | undefined {
    const { sections, source } = this.#image
    const found = sections.find((each) => each.name === name)
    return found && source.read(found.offset, Math.min(found.size, max))
  }

  /** The build id of the linker, usually 20 bytes; undefined without one. */
  get buildId(): Uint8Array | undefined {
    this.#buildId ??= { value: readBuildId(this.#image) }
    return this.#buildId.value
  }

  /**
   * The offset in the file of a virtual address; undefined if it has no bytes in the file. Of
   * several segments an executable one is preferred.
   */
  offsetOf(address: number): number | undefined {
    return this.#image.addresses.offsetOf(address)
  }

  /** The virtual address of an offset in the file; undefined if it is not loaded. */
  addressOf(offset: number): number | undefined {
    return this.#image.addresses.addressOf(offset)
  }

  /**
   * The functions that the file itself names: in `.dynsym`, `.symtab`, `.gnu_debugdata` and Go's
   * `.gopclntab`, and the stubs of its procedure linkage table. The first access reads them.
   */
  get symbols(): SymbolTable {
    this.#symbols ??= readOwnSymbols(this.#image)
    return this.#symbols
  }

  /**
   * The same, and the functions that the separate debug file names: the one in
   * `/usr/lib/debug/.build-id`, if its build id is that of this file. Each call reads them again.
   *
   * @param open how files of the program's root folder are opened; such as `debugFilesIn('/')`
   */
  symbolsWithDebugFile(open: DebugFileOpener): SymbolTable {
    return readAllSymbols(this.#image, open)
  }

  /** All places of static probes (USDT), in the order of the file. Errors: EBPF_ELF_LIMIT. */
  usdtProbes(): readonly UsdtProbe[] {
    return readUsdtProbes(this.#image, variableAddresses(this.#image))
  }
}
