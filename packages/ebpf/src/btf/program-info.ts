import { BtfError } from './error.ts'

/** A function of a program: the slot of its first instruction and the id of its FUNC. */
export interface FuncInfo {
  readonly slot: number
  readonly typeId: number
}

/** Where the code from that slot on comes from; strings by their offsets in the BTF. */
export interface LineInfo {
  readonly slot: number
  readonly fileName: number
  /** Text of the line, for verifier logs. */
  readonly lineText: number
  /** From 1. */
  readonly line: number
  /** From 1; 0 when it is not known. */
  readonly column: number
}

export const FUNC_INFO_SIZE = 8
export const LINE_INFO_SIZE = 16

const MAX_LINE = 0x3f_ffff
const MAX_COLUMN = 0x3ff

/**
 * The func_info of BPF_PROG_LOAD: one entry for each function, the first at slot 0
 * (kernel: struct bpf_func_info, include/uapi/linux/bpf.h). Kernel 5.0.
 * Error: EBPF_BTF_BAD_ARGUMENT unless slots ascend from 0.
 */
export function encodeFuncInfo(entries: readonly FuncInfo[]): Uint8Array {
  checkSlots('func_info', entries)
  const words = new Uint32Array(entries.length * 2)
  let at = 0
  for (const { slot, typeId } of entries) {
    words[at++] = slot
    words[at++] = typeId
  }
  return new Uint8Array(words.buffer)
}

/**
 * The line_info of BPF_PROG_LOAD (kernel: struct bpf_line_info, checked by check_btf_line in
 * kernel/bpf/verifier.c). Each function of the program needs an entry at its first slot, and no
 * entry may point at the second slot of a wide load. Lines above 4194303 and columns above 1023
 * do not fit and are written as these. Kernel 5.0.
 * Error: EBPF_BTF_BAD_ARGUMENT unless slots ascend from 0.
 */
export function encodeLineInfo(entries: readonly LineInfo[]): Uint8Array {
  checkSlots('line_info', entries)
  const words = new Uint32Array(entries.length * 4)
  let at = 0
  for (const { slot, fileName, lineText, line, column } of entries) {
    words[at++] = slot
    words[at++] = fileName
    words[at++] = lineText
    words[at++] = (Math.min(line, MAX_LINE) << 10) | Math.min(column, MAX_COLUMN)
  }
  return new Uint8Array(words.buffer)
}

function checkSlots(what: string, entries: readonly { readonly slot: number }[]): void {
  let previous = -1
  for (const [index, { slot }] of entries.entries()) {
    if (slot <= previous || (index === 0 && slot !== 0)) {
      throw new BtfError(
        'EBPF_BTF_BAD_ARGUMENT',
        `write ${what} entry ${index}: slot ${slot} after ${previous}; slots ascend from 0`,
      )
    }
    previous = slot
  }
}
