import type { UserHook } from '@tetragon-ts/policy'
import type { UserFile } from './user-file.ts'
import type { Locator } from './user-probes.ts'

/** The functions of a uprobe, one for each of its symbols, offsets or addresses. */
export function uprobeLocators(user: UserHook): readonly Locator[] {
  const { symbols, offsets, addresses, refCtrOffsets } = user
  const found: readonly Found[] = [
    ...symbols.map((symbol) => ({
      shown: symbol,
      offsetsIn: bySymbol(symbol),
      isOfOneFile: symbol.includes('+'),
      atStart: !symbol.includes('+'),
    })),
    ...offsets.map((offset) => ({
      shown: hex(offset),
      offset: Number(offset),
      offsetsIn: byOffset(Number(offset)),
      isOfOneFile: true,
    })),
    ...addresses.map((address) => ({
      shown: hex(address),
      offsetsIn: byAddress(Number(address)),
      isOfOneFile: true,
    })),
  ]
  return found.map(({ offsetsIn, ...known }, i) => {
    const counterOffset = Number(refCtrOffsets[i] ?? 0n)
    const find = (file: UserFile) => {
      return offsetsIn(file).map((offset) => ({ offset, counterOffset }))
    }
    return { ...known, counterOffset, find }
  })
}

type Found = Omit<Locator, 'find'> & { readonly offsetsIn: OffsetsIn }

/** Offsets in a file; none if the file does not have the function. */
export type OffsetsIn = (file: UserFile) => readonly number[]

/**
 * `NAME` or `NAME+OFFSET`. A name may have several functions, such as static ones of two files. The
 * symbol of an indirect function (IFUNC) is that of its resolver, which programs do not call.
 */
export function bySymbol(written: string): OffsetsIn {
  const [name, distance = '0'] = written.split('+')
  return ({ elf }) => {
    const functions = elf.symbols.find(name).filter(({ kind }) => kind === 'function')
    const addresses = functions.map(({ address }) => address + Number(distance))
    const inCode = addresses.filter((address) => elf.isCode(address))
    return [...new Set(inCode.flatMap((address) => elf.offsetOf(address) ?? []))]
  }
}

/** A breakpoint elsewhere would change data, or hit nothing. */
export function byOffset(offset: number): OffsetsIn {
  return ({ elf }) => {
    const address = elf.addressOf(offset)
    return address !== undefined && elf.isCode(address) ? [offset] : []
  }
}

export function byAddress(address: number): OffsetsIn {
  return ({ elf }) => {
    const offset = elf.isCode(address) ? elf.offsetOf(address) : undefined
    return offset === undefined ? [] : [offset]
  }
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
