import assert from 'node:assert/strict'
import { test } from 'node:test'
import { yamlContext } from './yaml-context.ts'

/** The context at `|`, as a text: path, place and the word from there. */
function at(marked: string): string {
  const offset = marked.indexOf('|')
  const text = marked.slice(0, offset) + marked.slice(offset + 1)
  const found = yamlContext(text, offset)
  if (found === undefined) return 'nowhere'
  const word = text.slice(found.from, offset)
  return `${found.path.join('.')} ${found.place}${word === '' ? '' : ` ${word}`}`
}

const head = 'spec:\n  kprobes:\n  - call: f\n    args:\n    - index: 0\n'

test('fields are found by indentation', () => {
  const cases: Record<string, string> = {
    '|': ' key',
    'ki|': ' key ki',
    'spec:\n  kpr|': 'spec key kpr',
    'spec:\n  kprobes:\n  - |': 'spec.kprobes key',
    'spec:\n  kprobes:\n    - ca|': 'spec.kprobes key ca',
    'spec:\n  kprobes:\n  - call: tcp|': 'spec.kprobes.call value tcp',
    [`${head}      ty|`]: 'spec.kprobes.args key ty',
    [`${head}      type: |`]: 'spec.kprobes.args.type value',
    [`${head}    sele|`]: 'spec.kprobes key sele',
    [`${head}    |`]: 'spec.kprobes key',
    [`${head}\n      |`]: 'spec.kprobes.args key',
    [`${head}  trace|`]: 'spec key trace',
    [`${head}  - |`]: 'spec.kprobes key',
    'spec:\n- - a: |': 'spec.a value',
    '"spec":\n  \'kprobes\': |': 'spec.kprobes value',
    'spec:\n  x: 1\n---\n|': ' key',
  }
  for (const [text, context] of Object.entries(cases)) assert.equal(at(text), context, text)
})

test('fields are found by brackets', () => {
  const cases: Record<string, string> = {
    'args: [{|': 'args key',
    'args: [{ind|': 'args key ind',
    'args: [{index: 0, ty|': 'args key ty',
    'args: [{index: 0, "call": "a, b", type: |': 'args.type value',
    'args: [{index: 0, type: in|': 'args.type value in',
    'args: [{index: 0}, {|': 'args key',
    'args: [{index: 0}, |': 'args item',
    'args: [{index: 0,\n  ty|': 'args key ty',
    'args: [{index: 0}]\nty|': ' key ty',
    'a: {b: {c: [|': 'a.b.c item',
    'a: x{|': 'a value x{',
  }
  for (const [text, context] of Object.entries(cases)) assert.equal(at(text), context, text)
})

test('comments and texts have no fields', () => {
  const texts = ['# spec: |', 'spec: # |', 'a: >-\n  te|', 'a: [ # |']
  for (const text of texts) assert.equal(at(text), 'nowhere', text)
  assert.equal(at('a: >\n  text\nb|'), ' key b')
  assert.equal(at('a: x#|'), 'a value x#')
})
