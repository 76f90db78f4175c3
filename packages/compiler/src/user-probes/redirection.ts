import type { Bytes, Code, Int, IntLike, Variable } from '@tetragon-ts/ebpf/lang'
import { processors } from '@tetragon-ts/ebpf/processors'
import { contextRegister, setContextRegister } from '../hook/registers.ts'
import {
  cookieParts,
  type OverrideAction,
  type OverridePlan,
  planOverride,
  type Redirects,
  type RedirectTarget,
} from './index.ts'

/** Why a thread is not redirected: asm-generic/errno-base.h, asm-generic/errno.h. */
const ENOENT = -2
const EFAULT = -14
const EALREADY = -114

const isArm = processors === 'arm64'
const instructionPointer = isArm ? 'pc' : 'ip'
/** Bits of an address that are the same in the file and in memory. */
const pageBits = 0xfff

/**
 * What the kernel writes where a uprobe is. x86: INT3, or a call of its trampoline (Linux 6.18),
 * arch/x86/kernel/uprobes.c; arm64: a BRK instruction, arch/arm64/include/asm/brk-imm.h.
 */
const breakpoints = isArm
  ? ({ size: 4, first: 0xd42000a0, second: 0xd42000a0 } as const)
  : ({ size: 1, first: 0xcc, second: 0xe8 } as const)

/**
 * Sets registers of the thread that hit a uprobe. They are written where the program ends: until
 * then it reads arguments and stacks. Of several programs at a breakpoint the first one decides.
 */
export class Redirection {
  readonly #k: Code
  readonly #redirects: Redirects
  /** Number of the action that was chosen; 0 if none was. */
  readonly #chosen: Variable
  readonly #target: Variable
  #actions = 0

  constructor(k: Code, redirects: Redirects) {
    this.#k = k
    this.#redirects = redirects
    this.#chosen = k.variable(0)
    this.#target = k.variable(0)
  }

  /** Chooses an action. @returns 0, or a negative error number: then nothing is set */
  readonly choose = (action: OverrideAction): Int => {
    const k = this.#k
    const plan = planOverride(action)
    const number = ++this.#actions
    const result = k.variable(0)
    const cookie = k.call('get_attach_cookie', k.context)
    const from = part(cookie, 'address')
    const now = this.#read(instructionPointer)
    this.#findMoves(now, from, result)
    const { target } = plan
    if (target) {
      k.when(result.eq(0), () => {
        const address = this.#addressOf(target, part(cookie, 'row'))
        this.#target.set(now.sub(from).add(address))
        k.when(address.eq(0), () => result.set(ENOENT))
      })
    }
    const memory = this.#readMemory(plan, result)
    k.when(result.eq(0), () => this.#chosen.set(number))
    k.beforeExit(() => k.when(this.#chosen.eq(number), () => this.#write(plan, memory)))
    return result
  }

  /** Whether another program at the breakpoint has set the instruction pointer before. */
  #findMoves(now: Int, from: Int, result: Variable): void {
    const k = this.#k
    const { size, first, second } = breakpoints
    const bytes = k.stackBytes(8)
    k.when(now.xor(from).and(pageBits).ne(0), () => result.set(EALREADY))
    k.when(k.readUser(bytes, size, now).eq(0), () => {
      const found = bytes.load(size)
      k.when(
        found.ne(first).and(() => found.ne(second)),
        () => result.set(EALREADY),
      )
    })
  }

  #addressOf(target: RedirectTarget, row: Int): Int {
    const k = this.#k
    const { addresses, width } = this.#redirects
    const address = k.variable(0)
    const found = k.lookup(addresses, row.mul(width).add(this.#redirects.indexOf(target)))
    k.when(found, () => address.set(found.value))
    return address
  }

  /** The words in memory that are assigned, in order. */
  #readMemory({ assignments }: OverridePlan, result: Variable): Bytes | undefined {
    const k = this.#k
    const read = assignments.flatMap(({ from }) => (from.kind === 'memory' ? [from] : []))
    if (read.length === 0) return undefined
    const memory = k.stackBytes(read.length * 8)
    read.forEach(({ name, offset }, i) => {
      const failed = k.readUser(memory.at(i * 8), 8, this.#read(name).add(offset)).ne(0)
      k.when(failed, () => result.set(EFAULT))
    })
    return memory
  }

  #write({ assignments, target }: OverridePlan, memory: Bytes | undefined): void {
    let word = 0
    // All are read before one is written.
    const values = assignments.map(({ register, from }): readonly [string, IntLike] => {
      if (from.kind === 'constant') return [register, from.value]
      if (from.kind === 'register') return [register, this.#read(from.name).add(from.offset)]
      return [register, memory?.load(8, 8 * word++) ?? 0]
    })
    const all = target ? [...values, [instructionPointer, this.#target] as const] : values
    for (const [register, value] of all) setContextRegister(this.#k, register, value)
  }

  #read(name: string): Int {
    const value = contextRegister(this.#k, name)
    if (!value) throw new RangeError(`there is no register ${name}`)
    return value
  }
}

function part(cookie: Int, name: keyof typeof cookieParts): Int {
  const { shift, mask } = cookieParts[name]
  return cookie.shiftRight(shift).and(mask)
}
