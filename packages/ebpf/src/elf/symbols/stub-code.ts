import type { ElfMachine } from '../header.ts'
import type { ElfImage } from '../image.ts'

/** A stub of the procedure linkage table: it jumps to the address in a slot. */
export interface Stub {
  readonly address: number
  readonly size: number
  /** Address of the slot, which the dynamic linker fills. */
  readonly slot: number
}

type StubReader = (code: Buffer, address: number, slots: number) => Generator<Stub>

/** How the stubs of each machine are read; those of 32-bit arm are not. */
const readers: Readonly<Record<ElfMachine, StubReader | undefined>> = {
  'x86-64': function* (code, address) {
    for (const { start, jump } of x86Jumps(code, 0x25ff)) {
      const slot = address + jump + 6 + code.readInt32LE(jump + 2)
      yield { address: address + start, size: start === jump ? 8 : 16, slot }
    }
  },
  /** With and without a base register for the slots. */
  x86: function* (code, address, slots) {
    for (const { start, jump } of x86Jumps(code, 0x25ff)) {
      yield { address: address + start, size: 16, slot: code.readUInt32LE(jump + 2) }
    }
    for (const { start, jump } of x86Jumps(code, 0xa3ff)) {
      yield { address: address + start, size: 16, slot: slots + code.readInt32LE(jump + 2) }
    }
  },
  arm64: function* (code, address) {
    for (let at = 0; at + 16 <= code.length; at += 4) {
      const [page, load] = [code.readUInt32LE(at), code.readUInt32LE(at + 4)]
      // adrp x16, page; ldr x17, [x16, offset]
      if ((page & 0x9f00_001f) >>> 0 !== 0x9000_0010) continue
      if ((load & 0xffc0_03ff) >>> 0 !== 0xf940_0211) continue
      // An instruction for branch target identification may come first: bti c.
      const isMarked = at >= 4 && code.readUInt32LE(at - 4) === 0xd503_245f
      const start = isMarked ? at - 4 : at
      const pages = ((((page >>> 5) & 0x7ffff) << 13) >> 11) + ((page >>> 29) & 3)
      const base = Math.floor((address + at) / 4096) * 4096 + pages * 4096
      const slot = base + ((load >>> 10) & 0xfff) * 8
      yield { address: address + start, size: isMarked ? 24 : 16, slot }
    }
  },
  arm: undefined,
}

/**
 * Jumps through memory with these first two bytes, at the start of a stub: after endbr64 or
 * endbr32, and bnd. Stubs start at multiples of 8.
 */
function* x86Jumps(code: Buffer, opcode: number): Generator<{ start: number; jump: number }> {
  for (let start = 0; start + 8 <= code.length; start += 8) {
    let jump = start
    const first = code.readUInt32LE(start)
    if (first === 0xfa1e_0ff3 || first === 0xfb1e_0ff3) jump += 4
    if (code[jump] === 0xf2) jump++
    if (jump + 6 <= code.length && code.readUInt16LE(jump) === opcode) yield { start, jump }
  }
}

/** Bytes of one section with stubs. */
const codeMax = 1 << 22

/** The stubs in `.plt`, `.plt.sec` and `.plt.got`. A file without section headers has none. */
export function* readStubs({ source, header, sections }: ElfImage): Generator<Stub> {
  const read = readers[header.machine]
  if (read === undefined) return
  const addressOf = (wanted: string) => sections.find(({ name }) => name === wanted)?.address
  const slots = addressOf('.got.plt') ?? addressOf('.got') ?? 0
  for (const name of ['.plt', '.plt.sec', '.plt.got']) {
    const section = sections.find((each) => each.name === name)
    if (section === undefined) continue
    const { buffer, byteOffset, byteLength } = source.read(
      section.offset,
      Math.min(section.size, codeMax),
    )
    yield* read(Buffer.from(buffer, byteOffset, byteLength), section.address, slots)
  }
}
