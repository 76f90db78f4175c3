import {
  LazyAutomaton,
  Program,
  type Syntax,
  syntaxKey,
  TooLarge,
} from '@tetragon-ts/policy/regexp'
import type { Steps } from './steps.ts'

/** Maximum number of texts that an alternation is resolved to. */
const waysMax = 512
const instructionsMax = 200_000
/** States are small: a text is in the name of one program. */
const statesMax = 10_000

/** Maximum number of expressions without a start in an automaton: each can multiply its states. */
const searchedMax = 16
const anything: Syntax = {
  kind: 'repetition',
  of: { kind: 'set', set: [0, 0x10ffff] },
  least: 0,
  most: Number.POSITIVE_INFINITY,
}

/** Expressions with the same start share it. */
interface Node {
  readonly children: Map<string, { readonly syntax: Syntax; readonly node: Node }>
  readonly ids: number[]
}

/**
 * Collects starts of expressions, such as the names of programs in any folder. One automaton finds
 * all that a text begins with: of the expressions on a command line, those on other programs need
 * no evaluation.
 */
export class HeadCollector {
  readonly #root: Node = { children: new Map(), ids: [] }
  readonly #numbers = new Map<string, number>()
  #searched = 0

  /** Adds a start. @param newNumber called if it is new @returns its number */
  add(head: readonly Syntax[], newNumber: () => number): number {
    const key = head.map(syntaxKey).join('')
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = newNumber()
      this.#numbers.set(key, number)
      insert(this.#root, head, number, waysOf(head) <= waysMax)
    }
    return number
  }

  /** Adds an expression that may match anywhere; undefined if there are many of these. */
  addSearched(syntax: Syntax, newNumber: () => number): number | undefined {
    if (this.#searched === searchedMax) return undefined
    this.#searched++
    return this.add([anything, syntax], newNumber)
  }

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#numbers.size === 0
  }

  /** Undefined: it would be too large. */
  *compile(): Steps<LazyAutomaton | undefined> {
    const program = new Program(instructionsMax)
    try {
      program.start = yield* compile(this.#root, program)
    } catch (error) {
      if (error instanceof TooLarge) return undefined
      throw error
    }
    return new LazyAutomaton(program, false, undefined, statesMax)
  }
}

function insert(node: Node, elements: readonly Syntax[], id: number, resolves: boolean): void {
  const [first, ...others] = elements
  if (first === undefined) node.ids.push(id)
  else if (first.kind === 'sequence') insert(node, [...first.of, ...others], id, resolves)
  else if (first.kind === 'choice' && resolves && !hasEmpty(first)) {
    for (const each of first.of) insert(node, [each, ...others], id, resolves)
  } else {
    const key = syntaxKey(first)
    let child = node.children.get(key)
    if (child === undefined) {
      child = { syntax: first, node: { children: new Map(), ids: [] } }
      node.children.set(key, child)
    }
    insert(child.node, others, id, resolves)
  }
}

/** A start is shared best if what may be missing is one element. */
function hasEmpty({ of }: Extract<Syntax, { kind: 'choice' }>): boolean {
  return of.some((each) => each.kind === 'position' || (each.kind === 'sequence' && !each.of[0]))
}

/** Number of texts that alternations are resolved to. */
function waysOf(elements: readonly Syntax[]): number {
  let ways = 1
  for (const each of elements) {
    if (each.kind === 'sequence') ways *= waysOf(each.of)
    else if (each.kind === 'choice') {
      ways *= each.of.reduce((sum, one) => sum + waysOf([one]), 0)
    }
  }
  return ways
}

function* compile({ children, ids }: Node, program: Program): Steps<number> {
  const starts = [...new Set(ids)].map((id) => program.accept(id))
  for (const { syntax, node } of children.values()) {
    starts.push(program.expression(syntax, yield* compile(node, program)))
    yield
  }
  return program.oneOf(starts)
}
