import type { ElfMachine } from '../header.ts'
import type { OperandContext, UsdtArgument, UsdtOperand } from './argument.ts'
import { parseArm64Operand } from './arm64-operand.ts'
import { parseX86Operand } from './x86-operand.ts'

/** Arguments that the macros of `<sys/sdt.h>` allow: 12. */
const argumentsMax = 64

/** `-4@%eax`: the size, negative for signed values, then the operand. */
const argumentPattern = /^(-?)([1248])@(.*)$/s

/**
 * The arguments of a static probe, from the text of its note. Arguments of an unknown form are
 * `unknown`, so that the others keep their numbers.
 */
export function parseUsdtArguments(
  text: string,
  machine: ElfMachine,
  wordSize: 4 | 8,
  context: OperandContext,
): readonly UsdtArgument[] {
  return splitArguments(text).map((each) => {
    const match = argumentPattern.exec(each)
    if (match === null) return { size: wordSize, signed: false, kind: 'unknown', text: each }
    const [size, signed] = [Number(match[2]) as 1 | 2 | 4 | 8, match[1] === '-']
    const operand = parseOperand(match[3], machine, context)
    return { size, signed, ...(operand ?? { kind: 'unknown', text: each }) }
  })
}

function parseOperand(
  text: string,
  machine: ElfMachine,
  context: OperandContext,
): UsdtOperand | undefined {
  if (machine === 'arm64') return parseArm64Operand(text)
  return machine === 'arm' ? undefined : parseX86Operand(text, context)
}

/** Splits at spaces, except within brackets: `8@[sp, 16] -4@w0`. */
function splitArguments(text: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at <= text.length && found.length < argumentsMax; at++) {
    const letter = text[at]
    if (letter === '[' || letter === '(') depth++
    else if (letter === ']' || letter === ')') depth--
    else if (letter === undefined || (letter === ' ' && depth <= 0)) {
      if (at > start) found.push(text.slice(start, at))
      start = at + 1
    }
  }
  return found
}
