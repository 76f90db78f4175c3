import { descriptorSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { isInProcfs } from '../../processes/procfs.ts'
import { type MappedFile, useMappedFile } from '../mapped-files/mapped-file.ts'
import { SizedCache } from './sized-cache.ts'
import type { CodeLocation, FoundSymbol, SymbolQuestion } from './symbol-question.ts'

/** Maximum estimated bytes of all tables, and minimum of one table. */
const bytesMax = 1 << 29
const bytesMin = 1 << 12
/** Bytes of a symbol besides its name. */
const symbolSize = 64
/** Bytes of one table's symbols and names that the ELF reader accepts. */
const fileSizeMax = 1 << 28

type FindFunction = (offset: number) => FoundSymbol | undefined

/** The program or library of a mapping. */
export interface OpenedProgram {
  /** Whether it certainly is the file of the mapping's device and inode. */
  readonly isShared: boolean
  /** Finds the function at an offset in the file. */
  readonly find: FindFunction
}

/**
 * Symbols of mapped files. Tables are kept by the identity of the file and not by its build id: a
 * program may claim the build id of another one, whose frames would then have wrong names.
 */
export class FileSymbols {
  readonly #procfs: string
  readonly #files = new SizedCache<string, FindFunction | 'other'>(bytesMax)

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  /** The file of a mapping; `other` if it is not an ELF file, undefined if it cannot be opened. */
  open(
    process: Pick<SymbolQuestion, 'pid' | 'start'>,
    location: Omit<CodeLocation, 'address' | 'offset'>,
  ): OpenedProgram | 'other' | undefined {
    const { start, end, device, inode } = location
    const range = [start, end].map((address) => address.toString(16)).join('-')
    const path = Buffer.from(location.path).toString('latin1')
    const mapping = { pid: process.pid, range, device, inode, path }
    const opened = useMappedFile(
      this.#procfs,
      mapping,
      () => true,
      (file) => ({ find: this.#read(file), isShared: file.isSame }),
    )
    if (opened === undefined || opened === 'other') return opened
    const { find, isShared } = opened
    if (find === 'other') return 'other'
    // The file of an uncertain identity is only right if the pid was not reused.
    return isShared || isInProcfs(this.#procfs, process) ? { find, isShared } : undefined
  }

  #read({ descriptor, stats }: MappedFile): FindFunction | 'other' {
    const { dev, ino, size, ctimeNs } = stats
    // Every change of a file changes its ctime, which a process cannot set.
    const key = `${dev} ${ino} ${size} ${ctimeNs}`
    const known = this.#files.get(key)
    if (known !== undefined) return known
    const [find, bytes] = readProgram(descriptor, Math.min(Number(size), fileSizeMax))
    this.#files.set(key, find, bytes)
    return find
  }
}

/**
 * Reads the symbols of a file.
 * @param namesMax maximum bytes of its names, which cannot exceed the size of the file
 * @returns a function that finds symbols, and the estimated size of its table in bytes
 */
function readProgram(descriptor: number, namesMax: number): [FindFunction | 'other', number] {
  let elf: ElfFile
  try {
    elf = ElfFile.read(descriptorSource(descriptor))
  } catch {
    return ['other', bytesMin]
  }
  try {
    const { symbols } = elf
    const find = (offset: number): FoundSymbol | undefined => {
      const found = symbols.at(elf.addressOf(offset) ?? -1)
      return found && { name: found.symbol.name, offset: found.offset }
    }
    return [find, bytesMin + symbols.count * symbolSize + namesMax]
  } catch {
    // The file is damaged or truncated.
    return [() => undefined, bytesMin]
  }
}
