import { inSteps, runSteps, type Steps } from './steps.ts'

/** States with a complete row of transitions; the others have their own edges only. */
const denseEntriesMax = 1 << 19

/** A character that no literal has. */
const otherClass = 0

/**
 * An automaton that finds all of a set of literals in one pass over a text (Aho and Corasick 1975).
 * States are numbered in breadth-first order. Those near the root, where it mostly is, have a row
 * with the next state of each class of characters; deeper states have their own edges, and continue
 * with the state of their longest suffix.
 */
export class Automaton {
  /** Class of each ASCII character, with upper case as lower case. */
  readonly classes: Uint8Array | Uint16Array
  /** Classes of other characters. */
  readonly otherClasses: ReadonlyMap<number, number>
  readonly classCount: number
  /**
   * Next states: the offset of a row in this table, or `~state` if a literal ends in the state or
   * if it has no row.
   */
  readonly dense: Int32Array
  /** Number of states with a row in `dense`. */
  readonly denseStates: number
  readonly fail: Int32Array
  readonly edgeStart: Int32Array
  readonly edgeClass: Uint16Array
  readonly edgeTarget: Int32Array
  /** The first literal that ends in a state, and in the states of its suffixes; -1 for none. */
  readonly output: Int32Array
  /** The next state, by suffixes, in which a literal ends; 0 for none. */
  readonly outputLink: Int32Array

  private constructor(trie: Trie, denseEntries: number) {
    const { count } = trie
    this.classes = trie.ascii
    this.otherClasses = trie.others
    this.classCount = trie.classCount
    this.denseStates = Math.min(count, Math.max(1, Math.floor(denseEntries / trie.classCount)))
    this.fail = new Int32Array(count)
    this.output = new Int32Array(count).fill(-1)
    this.outputLink = new Int32Array(count)
    this.edgeStart = new Int32Array(count + 1)
    this.edgeClass = new Uint16Array(Math.max(0, count - 1))
    this.edgeTarget = new Int32Array(Math.max(0, count - 1))
    this.dense = new Int32Array(this.denseStates * trie.classCount)
  }

  /**
   * @param literals folded, each once, none empty
   * @param denseEntries number of transitions in rows
   */
  static of(literals: readonly string[], denseEntries?: number): Automaton {
    return runSteps(Automaton.steps(literals, denseEntries))
  }

  /** The same in steps. */
  static *steps(literals: readonly string[], denseEntries = denseEntriesMax): Steps<Automaton> {
    const trie = new Trie()
    yield* inSteps(literals.entries(), ([index, text]) => trie.add(text, index))
    trie.addUpperCase()
    const automaton = new Automaton(trie, denseEntries)
    const order = trie.order
    yield
    const numbers = new Int32Array(order.length)
    for (let state = 0; state < order.length; state++) numbers[order[state]] = state
    let edge = 0
    yield* inSteps(order.entries(), ([state, node]) => {
      automaton.output[state] = trie.literal[node]
      automaton.edgeStart[state] = edge
      for (const [characterClass, child] of trie.children[node] ?? []) {
        automaton.edgeClass[edge] = characterClass
        automaton.edgeTarget[edge++] = numbers[child]
      }
    })
    automaton.edgeStart[order.length] = edge
    yield* inSteps(order.keys(), (state) => automaton.#link(state))
    return automaton
  }

  /** Bytes of its tables. */
  get byteLength(): number {
    const tables = [this.dense, this.fail, this.edgeStart, this.edgeClass, this.edgeTarget]
    return [...tables, this.output, this.outputLink].reduce((sum, each) => sum + each.byteLength, 0)
  }

  /** The state after a class of characters. */
  next(state: number, characterClass: number): number {
    let at = state
    while (at >= this.denseStates) {
      const end = this.edgeStart[at + 1]
      for (let edge = this.edgeStart[at]; edge < end; edge++) {
        if (this.edgeClass[edge] === characterClass) return this.edgeTarget[edge]
      }
      at = this.fail[at]
    }
    const entry = this.dense[at * this.classCount + characterClass]
    return entry >= 0 ? entry / this.classCount : ~entry
  }

  /** Whether a literal ends in a state. */
  hasOutput(state: number): boolean {
    return this.output[state] >= 0 || this.outputLink[state] > 0
  }

  /** The row of a state, and the suffixes of those after it: needs only states before it. */
  #link(state: number): void {
    const { fail, output, outputLink, dense, classCount, denseStates } = this
    if (state < denseStates && state > 0) {
      const suffix = fail[state] * classCount
      dense.copyWithin(state * classCount, suffix, suffix + classCount)
    }
    for (let edge = this.edgeStart[state]; edge < this.edgeStart[state + 1]; edge++) {
      const target = this.edgeTarget[edge]
      const suffix = state === 0 ? 0 : this.next(fail[state], this.edgeClass[edge])
      fail[target] = suffix
      outputLink[target] = output[suffix] >= 0 ? suffix : outputLink[suffix]
    }
    if (state >= denseStates) return
    for (let edge = this.edgeStart[state]; edge < this.edgeStart[state + 1]; edge++) {
      const target = this.edgeTarget[edge]
      const isPlain = target < denseStates && !this.hasOutput(target)
      dense[state * classCount + this.edgeClass[edge]] = isPlain ? target * classCount : ~target
    }
  }
}

/** The literals as a tree of characters. */
class Trie {
  readonly children: (Map<number, number> | undefined)[] = [undefined]
  readonly literal: number[] = [-1]
  readonly ascii = new Uint16Array(128)
  readonly others = new Map<number, number>()
  classCount = otherClass + 1

  add(text: string, index: number): void {
    let node = 0
    for (let i = 0; i < text.length; i++)
      node = this.#child(node, this.#classOf(text.charCodeAt(i)))
    this.literal[node] = index
  }

  /** Upper case is the class of lower case. */
  addUpperCase(): void {
    for (let code = 65; code <= 90; code++) this.ascii[code] = this.ascii[code + 32]
  }

  get count(): number {
    return this.children.length
  }

  /** Nodes in breadth-first order. */
  get order(): number[] {
    const order = [0]
    for (let i = 0; i < order.length; i++) {
      for (const child of this.children[order[i]]?.values() ?? []) order.push(child)
    }
    return order
  }

  #child(node: number, characterClass: number): number {
    let children = this.children[node]
    if (children === undefined) {
      children = new Map()
      this.children[node] = children
    }
    let child = children.get(characterClass)
    if (child === undefined) {
      child = this.children.length
      this.children.push(undefined)
      this.literal.push(-1)
      children.set(characterClass, child)
    }
    return child
  }

  #classOf(code: number): number {
    const known = code < 128 ? this.ascii[code] : (this.others.get(code) ?? otherClass)
    if (known !== otherClass) return known
    const added = this.classCount++
    if (code < 128) this.ascii[code] = added
    else this.others.set(code, added)
    return added
  }
}
