import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type YAMLMap,
} from 'yaml'
import type { Position } from '../diagnostics/diagnostic.ts'
import { pathSteps } from './path.ts'

/** Maximum number of fields that are searched for merge keys. */
const mergedMax = 100_000

/** A field of a map, defined there or included by a merge key (`<<`). */
export interface Entry {
  readonly key: string
  /** Undefined if the key is not a scalar. */
  readonly keyNode: Node | undefined
  readonly value: Node | undefined
  readonly merged: boolean
}

/** Position of a character in the file. */
export type Locator = (offset: number) => Position

/** Converts offsets to lines and columns; offsets after the end count as the end. */
export function locator(counter: LineCounter, lines: readonly string[]): Locator {
  return (offset) => {
    const { line, col } = counter.linePos(offset)
    const known = Math.min(Math.max(line, 1), lines.length)
    const end = lines[known - 1].length + 1
    return { line: known, column: known === line ? Math.min(Math.max(col, 1), end) : end }
  }
}

/** A parsed document: its nodes with aliases resolved, and their positions. */
export class YamlTree {
  readonly root: Node | undefined
  /** Aliases without anchor. */
  readonly unresolved: readonly Alias[]
  readonly at: Locator
  /** The first and the last line of the document. */
  readonly lines: readonly [first: number, last: number]
  readonly #start: number
  readonly #targets = new Map<Alias, Node | undefined>()
  readonly #entries = new Map<YAMLMap, readonly Entry[]>()
  #mergeable = mergedMax

  constructor(document: Document.Parsed, at: Locator) {
    this.at = at
    this.#start = document.contents?.range?.[0] ?? document.range[0]
    const end = document.contents?.range?.[1] ?? document.range[1]
    this.lines = [at(this.#start).line, at(Math.max(this.#start, end - 1)).line]
    const anchors = new Map<string, Node>()
    const unresolved: Alias[] = []
    // An alias refers to the last node before it with its anchor.
    const visit = (node: unknown): void => {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target === undefined) unresolved.push(node)
        this.#targets.set(node, target)
        return
      }
      if (isPair(node)) {
        visit(node.key)
        visit(node.value)
        return
      }
      if (!isScalar(node) && !isMap(node) && !isSeq(node)) return
      if (node.anchor !== undefined) anchors.set(node.anchor, node)
      if (!isScalar(node)) for (const item of node.items) visit(item)
    }
    visit(document.contents)
    this.root = document.contents ?? undefined
    this.unresolved = unresolved
  }

  /** The node itself, or the target of an alias. */
  resolve(node: unknown): Node | undefined {
    if (isAlias(node)) return this.#targets.get(node)
    return isScalar(node) || isMap(node) || isSeq(node) ? node : undefined
  }

  /** Whether fields are missing because merge keys would add too many. */
  get mergesTooMuch(): boolean {
    return this.#mergeable < 0
  }

  /** Fields in order; own fields precede merged ones. */
  entries(map: YAMLMap): readonly Entry[] {
    let entries = this.#entries.get(map)
    if (entries === undefined) {
      entries = this.#read(map)
      this.#entries.set(map, entries)
    }
    return entries
  }

  #read(map: YAMLMap): Entry[] {
    const own: Entry[] = []
    const merges: unknown[] = []
    for (const pair of map.items) {
      const keyNode = this.resolve(pair.key)
      const value = (pair.value ?? undefined) as Node | undefined
      if (!isScalar(keyNode)) own.push({ key: '', keyNode: undefined, value, merged: false })
      else if (keyNode.value === '<<' && keyNode.type === 'PLAIN') merges.push(pair.value)
      else own.push({ key: String(keyNode.value ?? ''), keyNode, value, merged: false })
    }
    if (merges.length === 0) return own
    const seen = new Set(own.map((entry) => entry.key))
    for (const source of merges.flatMap((node) => this.#mergeSources(node))) {
      for (const pair of source.items) {
        if (--this.#mergeable < 0) return own
        const keyNode = this.resolve(pair.key)
        if (!isScalar(keyNode) || keyNode.value === '<<') continue
        const key = String(keyNode.value ?? '')
        if (seen.has(key)) continue
        seen.add(key)
        own.push({ key, keyNode, value: (pair.value ?? undefined) as Node, merged: true })
      }
    }
    return own
  }

  #mergeSources(node: unknown): YAMLMap[] {
    const source = this.resolve(node)
    if (isMap(source)) return [source]
    if (!isSeq(source)) return []
    return source.items.flatMap((item) => {
      const map = this.resolve(item)
      return isMap(map) ? [map] : []
    })
  }

  /** A field by its name; the case of its key may differ. */
  #entry(map: YAMLMap, name: string): Entry | undefined {
    const entries = this.entries(map)
    const exact = entries.find(({ key }) => key === name)
    if (exact !== undefined) return exact
    const lower = name.toLowerCase()
    return entries.find(({ key }) => key.length === name.length && key.toLowerCase() === lower)
  }

  /**
   * Position of the value at a path, or of its nearest existing parent. In maps and lists, and with
   * `key`, that is the name of the field.
   * @param within a character of a text, from 0, which is found if the text is written as it is
   */
  locate(path: string, key = false, within?: number): Position {
    let node = this.resolve(this.root)
    let offset = this.#start
    const steps = pathSteps(path)
    for (const [number, step] of steps.entries()) {
      let next: unknown
      let keyOffset: number | undefined
      if (typeof step === 'number' && isSeq(node)) {
        next = node.items[step]
      } else if (typeof step === 'string' && isMap(node)) {
        const entry = this.#entry(node, step)
        if (entry === undefined) break
        next = entry.value
        keyOffset = entry.keyNode?.range?.[0]
      }
      if (next === undefined && keyOffset === undefined) break
      const value = this.resolve(next)
      const own = (next as Node | undefined)?.range?.[0]
      const wantsKey = key && number === steps.length - 1
      const pointsAtKey = wantsKey || !isScalar(value) || value.source === ''
      offset = (pointsAtKey ? keyOffset : undefined) ?? own ?? offset
      node = value
      if (node === undefined) break
    }
    return this.at(offset + distance(node, within))
  }
}

/** Distance of a character of a text from its scalar; 0 if the text is not written as it is. */
function distance(node: unknown, within: number | undefined): number {
  if (within === undefined || !isScalar(node) || typeof node.value !== 'string' || !node.range)
    return 0
  const [begin, end] = node.range
  const quotes = end - begin - node.value.length
  const isPlain = quotes === 0 && node.type === 'PLAIN'
  const isQuoted = quotes === 2 && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE')
  return isPlain || isQuoted ? within + quotes / 2 : 0
}
