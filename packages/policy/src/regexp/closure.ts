import { accept, atPosition, type Program, positionNumber, split, takeSet } from './program.ts'

/** What is known of a position, as bits. */
export const atStart = 1
export const afterNewline = 2
export const afterWord = 4
export const beforeNewline = 8
export const beforeWord = 16
export const atEnd = 32
/** The next character is known, too. */
export const nextIsKnown = 64

const textStart = positionNumber('textStart')
const lineStart = positionNumber('lineStart')
const textEnd = positionNumber('textEnd')
const lineEnd = positionNumber('lineEnd')
const border = positionNumber('border')

/** Follows instructions that take no character. Its results are valid until the next call. */
export class Closure {
  readonly #program: Program
  readonly #visited: Uint32Array
  #round = 0
  readonly #stack: number[] = []
  /** Instructions that take a character, or need to know the next one. */
  readonly open: number[] = []
  /** Numbers that are accepted. */
  readonly accepted: number[] = []
  /** Whether an open instruction needs the next character. */
  hasPending = false

  constructor(program: Program) {
    this.#program = program
    this.#visited = new Uint32Array(program.kinds.length)
  }

  /** @param known bits of the position */
  follow(instructions: ArrayLike<number>, known: number): void {
    const { kinds, first, second } = this.#program
    const visited = this.#visited
    const stack = this.#stack
    this.open.length = 0
    this.accepted.length = 0
    this.hasPending = false
    if (++this.#round === 0xffff_ffff) {
      visited.fill(0)
      this.#round = 1
    }
    for (let i = 0; i < instructions.length; i++) stack.push(instructions[i])
    while (stack.length > 0) {
      const at = stack.pop() as number
      if (visited[at] === this.#round) continue
      visited[at] = this.#round
      switch (kinds[at]) {
        case takeSet:
          this.open.push(at)
          break
        case split:
          stack.push(first[at], second[at])
          break
        case accept:
          this.accepted.push(second[at])
          break
        case atPosition: {
          const holds = holdsAt(second[at], known)
          if (holds) stack.push(first[at])
          else if (holds === undefined) {
            this.open.push(at)
            this.hasPending = true
          }
        }
      }
    }
  }
}

/** Undefined: the next character decides. */
function holdsAt(position: number, known: number): boolean | undefined {
  if (position === textStart) return (known & atStart) !== 0
  if (position === lineStart) return (known & (atStart | afterNewline)) !== 0
  if ((known & nextIsKnown) === 0) return undefined
  if (position === textEnd) return (known & atEnd) !== 0
  if (position === lineEnd) return (known & (atEnd | beforeNewline)) !== 0
  const isBorder = ((known & afterWord) !== 0) !== ((known & beforeWord) !== 0)
  return isBorder === (position === border)
}
