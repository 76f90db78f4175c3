import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { Findings } from '../diagnostics/findings.ts'
import { shortened } from '../diagnostics/shortened.ts'
import {
  type DocumentOf,
  type Field,
  type ObjectSchema,
  type Schema,
  schemaOf,
} from '../schema/schema.ts'
import { itemPath, memberPath } from './path.ts'
import { placeholder } from './placeholder.ts'
import { readScalar } from './read-scalar.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Of names and values that are told. */
const longestName = 200

/** Nodes that aliases may bring in altogether. */
const aliasedNodes = 200_000

/** What was read, and which parts of it are placeholders for something wrong. */
export interface ReadResult<S extends Schema> {
  readonly value: DocumentOf<S>
  /** Reading was given up, since aliases bring in too much. */
  readonly incomplete: boolean
  /** Whether this object has a direct field that is wrong or missing. */
  isBroken(object: object): boolean
}

/**
 * Reads a document by its schema. Whatever is wrong becomes a finding and a placeholder of the
 * right type, so that everything else can be checked as well.
 */
export function readValue<S extends Schema>(
  tree: YamlTree,
  schema: S,
  findings: Findings,
): ReadResult<S> {
  const reader = new Reader(tree, findings)
  const { value } = reader.read(schema, tree.root, '')
  return {
    value: value as DocumentOf<S>,
    incomplete: reader.exhausted,
    isBroken: (object) => reader.broken.has(object),
  }
}

/** `failed`: the value is a placeholder, or a list with one. */
interface Read {
  readonly value: unknown
  readonly failed: boolean
}

class Reader {
  readonly broken = new Set<object>()
  readonly #tree: YamlTree
  readonly #findings: Findings
  #budget = aliasedNodes
  #aliases = 0

  get exhausted(): boolean {
    return this.#budget < 0 || this.#tree.mergesTooMuch
  }

  constructor(tree: YamlTree, findings: Findings) {
    this.#tree = tree
    this.#findings = findings
  }

  read(schema: Schema, written: Node | undefined, path: string): Read {
    const node = this.#tree.resolve(written)
    const aliased = node !== undefined && node !== written
    if (aliased) this.#aliases++
    try {
      if (this.#aliases > 0 && --this.#budget < 0) {
        // Said once only.
        if (this.#budget === -1) {
          this.#findings.error(path, 'POLICY_ALIASES', 'aliases multiply without end')
        }
        return { value: placeholder(schema, path), failed: true }
      }
      if (schema.kind === 'any') return { value: undefined, failed: false }
      if (schema.kind === 'object') return this.#readObject(schema, node, path)
      if (schema.kind === 'list') return this.#readList(schema.item, node, path)
      if (schema.kind === 'map') return this.#readMap(schema.value, node, path)
      const { value, problem } = readScalar(schema, node)
      if (problem === undefined) return { value, failed: false }
      this.#findings.error(path, problem.code, problem.message, problem.details)
      return { value: placeholder(schema, path), failed: true }
    } finally {
      if (aliased) this.#aliases--
    }
  }

  #wrongKind(schema: Schema, needed: string, node: Node | undefined, path: string): Read {
    const found = isMap(node) ? 'fields' : isSeq(node) ? 'a list' : describe(node)
    this.#findings.error(path, 'POLICY_TYPE', `${needed} is needed here, not ${found}`)
    return { value: placeholder(schema, path), failed: true }
  }

  #readObject(schema: ObjectSchema, node: Node | undefined, path: string): Read {
    if (!isMap(node)) return this.#wrongKind(schema, 'a group of fields', node, path)
    const names = Object.keys(schema.fields)
    const object: Record<string, unknown> = { at: path }
    const written = this.#members(node, path, (key) => {
      if (Object.hasOwn(schema.fields, key)) return true
      // What was meant for a field of another name is missing there.
      this.broken.add(object)
      const given = shortened(key, longestName)
      const where = memberPath(path, given)
      const message = `unknown field ${JSON.stringify(given)}`
      this.#findings.error(where, 'POLICY_UNKNOWN_FIELD', message, {
        allowed: names,
        given,
        key: true,
      })
      return false
    })
    for (const [name, field] of Object.entries(schema.fields)) {
      const read = this.#readField(name, field, written.get(name), path)
      object[name] = read.value
      if (read.failed) this.broken.add(object)
    }
    return { value: object, failed: false }
  }

  #readField(name: string, field: Field, node: Node | undefined, path: string): Read {
    const schema = schemaOf(field)
    const where = memberPath(path, name)
    if (node !== undefined && !isNull(this.#tree.resolve(node))) {
      return this.read(schema, node, where)
    }
    if (field.kind === 'required') {
      const message = `${name} is missing`
      this.#findings.error(where, 'POLICY_MISSING_FIELD', message, { key: true })
      return { value: placeholder(schema, where), failed: true }
    }
    if (field.kind === 'default') return { value: field.value, failed: false }
    if (schema.kind === 'list') return { value: [], failed: false }
    return { value: schema.kind === 'map' ? {} : undefined, failed: false }
  }

  #readList(item: Schema, node: Node | undefined, path: string): Read {
    if (!isSeq(node)) return this.#wrongKind({ kind: 'list', item, doc: '' }, 'a list', node, path)
    const reads = node.items.map((each, i) => this.read(item, each as Node, itemPath(path, i)))
    const values = reads.map((read) => read.value)
    return { value: values, failed: reads.some((read) => read.failed) }
  }

  #readMap(value: Schema, node: Node | undefined, path: string): Read {
    if (!isMap(node)) {
      return this.#wrongKind({ kind: 'map', value, doc: '' }, 'a group of fields', node, path)
    }
    const entries: [string, unknown][] = []
    let failed = false
    for (const [key, each] of this.#members(node, path, () => true)) {
      const read = this.read(value, each, memberPath(path, key))
      entries.push([key, read.value])
      failed ||= read.failed
    }
    return { value: Object.fromEntries(entries), failed }
  }

  /** The fields of a map by name; names that are no words or there twice are findings. */
  #members(
    node: Node & { items: unknown[] },
    path: string,
    accept: (key: string) => boolean,
  ): Map<string, Node | undefined> {
    const members = new Map<string, Node | undefined>()
    if (!isMap(node)) return members
    const entries = this.#tree.entries(node)
    if (this.#tree.mergesTooMuch && this.#budget >= 0) {
      this.#budget = -1
      this.#findings.error(path, 'POLICY_ALIASES', 'merge keys multiply without end')
    }
    for (const { key, keyNode, value, merged } of entries) {
      if (keyNode === undefined) {
        this.#findings.error(path, 'POLICY_TYPE', 'the name of a field has to be a word')
      } else if (members.has(key) && !merged) {
        const offset = keyNode.range?.[0] ?? 0
        const { line } = this.#tree.at(offset)
        const name = shortened(key, longestName)
        const message = `${JSON.stringify(name)} is there twice, again in line ${line}`
        this.#findings.error(memberPath(path, name), 'POLICY_DUPLICATE_KEY', message, { key: true })
      } else if (accept(key)) {
        members.set(key, value)
      }
    }
    return members
  }
}

function isNull(node: Node | undefined): boolean {
  return node === undefined || (isScalar(node) && node.value === null)
}

function describe(node: Node | undefined): string {
  if (isNull(node)) return 'nothing'
  return JSON.stringify(shortened(String((node as Scalar).value), longestName))
}
