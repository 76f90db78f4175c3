import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { policyText } from '../testing/policies.ts'
import { parseYaml } from './policy-document.ts'

/** What the library's own function finds, and the lines. */
function asLibrary(text: string): unknown {
  const lineCounter = new LineCounter()
  const options = { lineCounter, intAsBigInt: true, uniqueKeys: false, prettyErrors: false }
  const documents = [...parseAllDocuments(text, { ...options, logLevel: 'silent' })]
  return facts(documents as Document.Parsed[], lineCounter)
}

function inSteps(text: string): { readonly facts: unknown; readonly steps: number } {
  const lineCounter = new LineCounter()
  const parsing = parseYaml(text, lineCounter)
  let steps = 1
  let step = parsing.next()
  for (; !step.done; step = parsing.next()) steps++
  return { facts: facts(step.value, lineCounter), steps }
}

function facts(documents: readonly Document.Parsed[], { lineStarts }: LineCounter): unknown {
  const found = documents.map(({ errors, range, contents }) => {
    return { errors: errors.map(({ code, pos }) => [code, pos]), range, contents: `${contents}` }
  })
  return { found, lineStarts }
}

describe('YAML that is parsed in steps', () => {
  it('is what the library parses at once', () => {
    const word = fc.constantFrom(
      'a',
      '- ',
      ': ',
      '\n',
      '  ',
      '---\n',
      '"',
      '{',
      ']',
      '*a',
      '%',
      '#',
    )
    const texts = fc.array(word, { maxLength: 40 }).map((words) => words.join(''))
    fc.assert(
      fc.property(texts, (text) => assert.deepEqual(inSteps(text).facts, asLibrary(text))),
      { examples: [[policyText('kprobes:\n- call: a')], [''], ['---\n---\n'], ['a: 1\r\nb: 2']] },
    )
  })

  it('has several steps if it is long', () => {
    assert.ok(inSteps(`${'- a\n'.repeat(5000)}`).steps > 4)
    assert.equal(inSteps('a: b').steps, 2)
  })

  it('leaves the stacks of errors as they are', () => {
    const before = Error.stackTraceLimit
    const parsing = parseYaml('- a\n'.repeat(5000), new LineCounter())
    parsing.next()
    assert.equal(Error.stackTraceLimit, before)
  })
})
