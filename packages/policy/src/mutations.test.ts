import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isCollection, isMap, isScalar, type Node, parseDocument, visit } from 'yaml'
import { readPolicies } from './parse/policy-document.ts'
import { everythingPolicy } from './schema/index.ts'
import { testPolicy } from './testing/policies.ts'

/** The policies of testdata; the large one also in parts of one hook, which are fast to read. */
function basePolicies(): string[] {
  const everything = everythingPolicy()
  const whole = parseDocument(everything).toJS()
  const parts: string[] = []
  for (const section of ['kprobes', 'fentries', 'tracepoints', 'lsmhooks', 'uprobes', 'usdts']) {
    for (const hook of whole.spec[section]) {
      const spec = { ...whole.spec }
      for (const other of Object.keys(spec)) if (Array.isArray(spec[other])) delete spec[other]
      const { lists, enforcers } = whole.spec
      const document = parseDocument('{}')
      document.contents = document.createNode({
        ...whole,
        spec: { ...spec, lists, enforcers, [section]: [hook] },
      }) as typeof document.contents
      parts.push(document.toString())
    }
  }
  return [testPolicy('follow-files'), testPolicy('connections'), ...parts, everything]
}

const bases = basePolicies()

const values = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant([]),
  fc.constant({}),
  fc.constantFrom('auto', 'In', 'Equal', 'CelExpr', 'list:x', '0x', '1:2', 'arg0 == 1', '::/0'),
  fc.array(fc.string(), { maxLength: 3 }),
)

/** The same word with the case of one letter changed. */
function otherCase(word: string, pick: number): string {
  const at = pick % Math.max(1, word.length)
  const letter = word[at] ?? ''
  const other = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
  return word.slice(0, at) + other + word.slice(at + 1)
}

/** Deletes, duplicates, replaces, exchanges or misspells one node of a document. */
function mutateTree(text: string, pick: number, how: number, value: unknown): string {
  const document = parseDocument(text)
  const places: { items: unknown[]; index: number }[] = []
  visit(document, {
    Collection(_, node) {
      const items: unknown[] = node.items
      for (const index of items.keys()) places.push({ items, index })
    },
  })
  const { items, index } = places[pick % places.length]
  const item = items[index] as { key?: Node; value?: unknown }
  const other = places[(pick * 7 + how) % places.length]
  if (how === 0) items.splice(index, 1)
  else if (how === 1) items.splice(index, 0, item)
  else if (how === 2 && item.key === undefined) items[index] = document.createNode(value)
  else if (how === 2) item.value = document.createNode(value)
  else if (how === 3 && item.key !== undefined) item.key = document.createNode(String(value))
  else if (how === 4 && item.key === undefined) items[index] = other.items[other.index]
  else if (how === 6 && isScalar(item.key)) item.key.value = otherCase(String(item.key.value), pick)
  else if (isScalar(item) && isMap(document.contents)) item.value = value
  else if (isCollection(item.value)) item.value.items.length = 0
  return document.toString()
}

const snippets = ['&a ', '*a', '<<: *a\n', '{', '[', ']', '- ', '? ', ': ', '\t', '---\n', '!!map ']
const moreSnippets = ['"', "'", '|', '>\n', '#', '%YAML 9\n', '\0', '\ud800', '\r', '...', '@']

/** Cuts, duplicates or overwrites a piece of text. */
function mutateText(text: string, at: number, length: number, insert: string, how: number): string {
  const begin = at % (text.length + 1)
  const piece = text.slice(begin, begin + length)
  if (how === 0) return text.slice(0, begin)
  if (how === 1) return text.slice(0, begin) + piece + piece + text.slice(begin + length)
  if (how === 2) return text.slice(0, begin) + text.slice(begin + length)
  return text.slice(0, begin) + insert + text.slice(how === 3 ? begin : begin + length)
}

const natural = fc.nat({ max: 1 << 20 })
const treeMutation = fc.record({
  kind: fc.constant('tree' as const),
  pick: natural,
  how: fc.nat(6),
  value: values,
})
const textMutation = fc.record({
  kind: fc.constant('text' as const),
  pick: natural,
  how: fc.nat(4),
  length: fc.nat(40),
  insert: fc.oneof(
    fc.constantFrom(...snippets, ...moreSnippets),
    fc.string({ unit: 'binary', maxLength: 8 }),
  ),
})
// Trees take longer, since each is parsed and written.
const mutation = fc.oneof(
  { weight: 1, arbitrary: treeMutation },
  { weight: 2, arbitrary: textMutation },
)

function apply(text: string, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never) {
  if (change.kind === 'text') {
    return mutateText(text, change.pick, change.length, change.insert, change.how)
  }
  try {
    return mutateTree(text, change.pick, change.how, change.value)
  } catch {
    // Earlier changes may have removed the tree.
    return text.slice(0, change.pick % (text.length + 1))
  }
}

test('mutated documents: a policy, or errors with positions', () => {
  const lengths = { minLength: 1, maxLength: 3 }
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(fc.nat(bases.length * 4), fc.array(mutation, lengths), (base, changes) => {
      // The large policy at the end is used occasionally.
      const text = changes.reduce(apply, bases[Math.min(base >> 2, bases.length - 1)])
      const { documents, diagnostics } = readPolicies(text, 'mutated.yaml')
      const lines = text.split('\n')
      const errors = diagnostics.filter(({ severity }) => severity === 'error')
      assert.ok(documents.length + errors.length > 0, 'neither policy nor error')
      for (const { line, column, message, code } of diagnostics) {
        assert.ok(line >= 1 && line <= lines.length, `${code}: line ${line}`)
        assert.ok(column >= 1 && column <= lines[line - 1].length + 1, `${code}: column ${column}`)
        assert.match(code, /^POLICY_/)
        assert.notEqual(message, '')
      }
      if (errors.length === 0) accepted++
      else refused++
    }),
    { numRuns: 10_000 },
  )
  // Both outcomes must occur, or the mutations are useless.
  assert.ok(accepted > 0, 'none was accepted')
  assert.ok(refused > 0, 'none was refused')
})
