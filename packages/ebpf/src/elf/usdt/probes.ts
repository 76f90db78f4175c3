import { ElfError } from '../error.ts'
import { Fields } from '../fields.ts'
import type { ElfImage } from '../image.ts'
import { readNotes } from '../notes.ts'
import { textAt, textEnd } from '../text.ts'
import type { UsdtArgument } from './argument.ts'
import { parseUsdtArguments } from './parse-arguments.ts'

/**
 * A place of a static probe (USDT, `<sys/sdt.h>`): a no-operation instruction, and a note that
 * describes it. A probe may have several places, such as those of an inlined function.
 */
export interface UsdtProbe {
  readonly provider: string
  readonly name: string
  /** Virtual address of the instruction in the file. */
  readonly address: number
  /** Offset of the instruction in the file. */
  readonly offset: number
  /**
   * Offset of the semaphore in the file, a 16-bit counter that must not be zero for the probe to be
   * hit (`ref_ctr_offset` of uprobes); undefined if the probe has none.
   */
  readonly semaphoreOffset?: number
  /** Where the arguments are at this place. */
  readonly arguments: readonly UsdtArgument[]
}

/** NT_STAPSDT. */
const noteType = 3
/** The places of all probes. The largest known files have some thousands. */
const probesMax = 16384

/**
 * All places of all probes, in the order of the file. Notes that are damaged, or whose address is
 * not in the file, are left out. Errors: EBPF_ELF_LIMIT, EBPF_ELF_READ.
 */
export function readUsdtProbes(
  image: ElfImage,
  symbolAddress: (name: string) => number | undefined,
): readonly UsdtProbe[] {
  const { header, addresses, sections } = image
  // The linker moves the section and its notes alike; prelink moves only the section.
  const base = sections.find(({ name }) => name === '.stapsdt.base')?.address
  const found = new Map<string, UsdtProbe>()
  for (const { owner, type, contents } of readNotes(image)) {
    if (owner !== 'stapsdt' || type !== noteType) continue
    const fields = new Fields(contents, header.bits)
    const textsAt = 3 * fields.wordSize
    if (fields.length < textsAt) continue
    const words = [0, 1, 2].map((index) => fields.word(index * fields.wordSize))
    const shift = base === undefined || words[1] === 0 ? 0 : base - words[1]
    const address = words[0] + shift
    const offset = addresses.offsetOf(address)
    const semaphoreOffset = words[2] === 0 ? undefined : addresses.offsetOf(words[2] + shift)
    const texts = readTexts(contents, textsAt)
    if (offset === undefined || texts === undefined) continue
    const { provider, name } = texts
    const key = `${provider}:${name}:${offset}:${texts.arguments}`
    if (found.has(key)) continue
    if (found.size === probesMax) {
      throw new ElfError('EBPF_ELF_LIMIT', 'read static probes: too many')
    }
    const context = { address, symbolAddress }
    const list = parseUsdtArguments(texts.arguments, header.machine, fields.wordSize, context)
    found.set(key, { provider, name, address, offset, semaphoreOffset, arguments: list })
  }
  return [...found.values()]
}

/** Provider, name and arguments: three texts after each other. */
function readTexts(bytes: Uint8Array, at: number) {
  const providerEnd = textEnd(bytes, at)
  if (providerEnd === undefined) return undefined
  const nameEnd = textEnd(bytes, providerEnd + 1)
  if (nameEnd === undefined) return undefined
  const provider = textAt(bytes, at)
  const name = textAt(bytes, providerEnd + 1)
  if (provider === '' || name === '') return undefined
  return { provider, name, arguments: textAt(bytes, nameEnd + 1) }
}
