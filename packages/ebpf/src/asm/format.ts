import { disassemble } from './disassemble.ts'
import { helperName } from './helper-numbers.ts'
import type { Instruction } from './instruction.ts'
import {
  Alu,
  Atomic,
  CALL,
  Class,
  EXIT,
  GOTO_LONG,
  Jump,
  Mode,
  PseudoCall,
  PseudoLoad,
  Source,
  WIDE_LOAD,
} from './opcode.ts'

const ALU_SIGNS: Readonly<Record<number, string>> = {
  [Alu.ADD]: '+',
  [Alu.SUB]: '-',
  [Alu.MUL]: '*',
  [Alu.DIV]: '/',
  [Alu.OR]: '|',
  [Alu.AND]: '&',
  [Alu.LSH]: '<<',
  [Alu.RSH]: '>>',
  [Alu.MOD]: '%',
  [Alu.XOR]: '^',
  [Alu.ARSH]: 's>>',
}

const JUMP_SIGNS: Readonly<Record<number, string>> = {
  [Jump.JEQ]: '==',
  [Jump.JNE]: '!=',
  [Jump.JGT]: '>',
  [Jump.JGE]: '>=',
  [Jump.JLT]: '<',
  [Jump.JLE]: '<=',
  [Jump.JSGT]: 's>',
  [Jump.JSGE]: 's>=',
  [Jump.JSLT]: 's<',
  [Jump.JSLE]: 's<=',
  [Jump.JSET]: '&',
}

const ATOMIC_NAMES: Readonly<Record<number, string>> = {
  [Atomic.ADD]: 'add',
  [Atomic.OR]: 'or',
  [Atomic.AND]: 'and',
  [Atomic.XOR]: 'xor',
}

/** Bits accessed, by the width field shifted down by 3. */
const WIDTH_BITS = [32, 16, 8, 64] as const

/**
 * A listing in the notation that the verifier and LLVM use: of one instruction one line
 * (`r1 = *(u32 *)(r6 + 8)`, `if r1 != 0 goto +5`, `call bpf_ktime_get_boot_ns#125`), of bytes a
 * line for each instruction with its slot in front. Errors: those of `disassemble`.
 */
export function format(code: Instruction | Uint8Array): string {
  if (!(code instanceof Uint8Array)) return line(code)
  let slot = 0
  const lines: string[] = []
  for (const insn of disassemble(code)) {
    lines.push(`${String(slot).padStart(4)}: ${line(insn)}`)
    slot += insn.code === WIDE_LOAD ? 2 : 1
  }
  return lines.join('\n')
}

function line(insn: Instruction): string {
  const text = body(insn)
  return insn.note === undefined ? text : `${text} ; ${insn.note}`
}

function body(insn: Instruction): string {
  switch (insn.code & 7) {
    case Class.ALU:
    case Class.ALU64:
      return arithmetic(insn)
    case Class.JMP:
    case Class.JMP32:
      return branch(insn)
    case Class.LD:
      return insn.code === WIDE_LOAD ? wideLoad(insn) : packetLoad(insn)
    case Class.LDX: {
      const sign = (insn.code & 0xe0) === Mode.MEMSX ? 's' : 'u'
      return `r${insn.dst} = ${access(insn.code, insn.src, insn.offset, sign)}`
    }
    case Class.ST:
      return `${access(insn.code, insn.dst, insn.offset)} = ${insn.imm}`
    default:
      if ((insn.code & 0xe0) === Mode.ATOMIC) return atomic(insn)
      return `${access(insn.code, insn.dst, insn.offset)} = r${insn.src}`
  }
}

function widthBits(code: number): number {
  return WIDTH_BITS[(code >> 3) & 3]
}

function address(code: number, register: number, offset: number, sign = 'u'): string {
  const distance = offset < 0 ? `- ${-offset}` : `+ ${offset}`
  return `(${sign}${widthBits(code)} *)(r${register} ${distance})`
}

function access(code: number, register: number, offset: number, sign = 'u'): string {
  return `*${address(code, register, offset, sign)}`
}

function arithmetic({ code, dst, src, offset, imm }: Instruction): string {
  const wide = (code & 7) === Class.ALU64
  const prefix = wide ? 'r' : 'w'
  const target = `${prefix}${dst}`
  const operation = code & 0xf0
  const register = (code & Source.X) !== 0
  if (operation === Alu.NEG) return `${target} = -${target}`
  if (operation === Alu.END) {
    const order = wide ? 'bswap' : register ? 'be' : 'le'
    return `r${dst} = ${order}${imm} r${dst}`
  }
  const operand = register ? `${prefix}${src}` : String(imm)
  if (operation === Alu.MOV) {
    if (!register || offset === 0) return `${target} = ${operand}`
    // 1 is the move between address spaces (arenas), all else extends a sign.
    return offset === 1
      ? `${target} = addr_space_cast(${operand}, ${imm >> 16}, ${imm & 0xffff})`
      : `${target} = (s${offset})${operand}`
  }
  const signed = offset === 1 && (operation === Alu.DIV || operation === Alu.MOD) ? 's' : ''
  return `${target} ${signed}${ALU_SIGNS[operation]}= ${operand}`
}

function signedNumber(value: number): string {
  return value < 0 ? String(value) : `+${value}`
}

function branch(insn: Instruction): string {
  const { code, dst, src, offset, imm, target } = insn
  if (code === EXIT) return 'exit'
  if (code === CALL) {
    switch (src) {
      case PseudoCall.LOCAL:
        return target ? `call ${target.name}` : `call pc${signedNumber(imm)}`
      case PseudoCall.KFUNC:
        return `call kernel-function#${imm}${offset === 0 ? '' : ` of module ${offset}`}`
      default:
        return `call ${helperName(imm) ?? 'unknown'}#${imm}`
    }
  }
  const place = target?.name ?? signedNumber(code === GOTO_LONG ? imm : offset)
  if (code === GOTO_LONG) return `gotol ${place}`
  const operation = code & 0xf0
  if (operation === Jump.JA) return `goto ${place}`
  if (operation === Jump.JCOND) return `may_goto ${place}`
  const prefix = (code & 7) === Class.JMP ? 'r' : 'w'
  const operand = (code & Source.X) === 0 ? String(imm) : `${prefix}${src}`
  return `if ${prefix}${dst} ${JUMP_SIGNS[operation]} ${operand} goto ${place}`
}

function wideLoad({ dst, src, imm, imm64, target }: Instruction): string {
  const high = Number(BigInt.asIntN(32, (imm64 ?? 0n) >> 32n))
  switch (src) {
    case PseudoLoad.MAP_FD:
      return `r${dst} = map[fd:${imm}]`
    case PseudoLoad.MAP_VALUE:
      return `r${dst} = map[fd:${imm}][0] + ${high}`
    case PseudoLoad.MAP_INDEX:
      return `r${dst} = map[index:${imm}]`
    case PseudoLoad.MAP_INDEX_VALUE:
      return `r${dst} = map[index:${imm}][0] + ${high}`
    case PseudoLoad.BTF_ID:
      return `r${dst} = kernel-symbol#${imm}${high === 0 ? '' : ` of btf fd ${high}`}`
    case PseudoLoad.FUNC:
      return `r${dst} = function ${target?.name ?? `pc${signedNumber(imm)}`}`
    default:
      return `r${dst} = 0x${(imm64 ?? 0n).toString(16)} ll`
  }
}

/** The packet loads of classic BPF, which may stand in any code. */
function packetLoad({ code, src, imm }: Instruction): string {
  const index = (code & 0xe0) === Mode.IND ? `r${src} + ${imm}` : String(imm)
  return `r0 = *(u${widthBits(code)} *)skb[${index}]`
}

function atomic({ code, dst, src, offset, imm }: Instruction): string {
  const place = address(code, dst, offset)
  const wide = widthBits(code) === 64
  const register = wide ? `r${src}` : `w${src}`
  const family = wide ? 'atomic64' : 'atomic'
  const name = ATOMIC_NAMES[imm & ~Atomic.FETCH]
  switch (imm) {
    case Atomic.XCHG:
      return `${register} = ${family}_xchg(${place}, ${register})`
    case Atomic.CMPXCHG: {
      const compared = wide ? 'r0' : 'w0'
      return `${compared} = ${family}_cmpxchg(${place}, ${compared}, ${register})`
    }
    case Atomic.LOAD_ACQUIRE:
      return `r${dst} = load_acquire(${address(code, src, offset)})`
    case Atomic.STORE_RELEASE:
      return `store_release(${place}, r${src})`
    default:
      if (name === undefined) return `lock #${imm} ${place}, ${register}`
      if ((imm & Atomic.FETCH) !== 0) {
        return `${register} = ${family}_fetch_${name}(${place}, ${register})`
      }
      return `lock *${place} ${ALU_SIGNS[imm]}= ${register}`
  }
}
