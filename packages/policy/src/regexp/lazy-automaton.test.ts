import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { LazyAutomaton } from './lazy-automaton.ts'
import { parseSyntax } from './parse-syntax.ts'
import { Program } from './program.ts'
import { StateLimit } from './state-limit.ts'

function automaton(source: string, limit = new StateLimit(1_000_000)): LazyAutomaton {
  const syntax = parseSyntax(source)
  assert.ok(syntax, source)
  const program = new Program()
  program.start = program.expression(syntax, program.accept(0))
  return new LazyAutomaton(program, true, limit)
}

const atoms = fc.constantFrom(
  ...['a', 'b', 'k', 's', '_', ' ', '/', '\\.', '.', '\\n', '\\x{212a}', 'ſ', 'é', '😀', '\\x{61}'],
  ...[
    '[ab]',
    '[^a]',
    '[^/. ]',
    '[a-k]',
    '[[:alpha:]_]',
    '[[:^digit:]]',
    '[\\s/]',
    '[^\\W]',
    '[]-]',
  ],
  ...['\\s', '\\S', '\\w', '\\W', '\\d', '\\D', '\\b', '\\B', '^', '$', '\\A', '\\z', '\\Qa.\\E'],
)
const repetitions = fc.constantFrom(...['', '', '', '*', '+', '?', '*?', '{2}', '{1,3}', '{2,}'])
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc
      .array(fc.tuple(atoms, repetitions), { maxLength: 5 })
      .map((all) => all.map(([atom, times]) => atom + times).join('')),
    fc
      .tuple(tie('expression'), tie('expression'), fc.constantFrom('(', '(?:', '(?i:', '(?P<n>'))
      .map(([a, b, open]) => `${open.replace('n', `n${a.length}`)}${a}|${b})`),
    fc.tuple(tie('expression'), repetitions).map(([inner, times]) => `(${inner})${times}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}${b}`),
    tie('expression').map((inner) => `(?s-m)${inner}`),
    tie('expression').map((inner) => `^${inner}$`),
  ),
}))
const flags = fc.constantFrom('', '(?i)', '(?m)', '(?s)', '(?im)')
const characters = fc.constantFrom(...'aAbBkKsS_ /.\n1éſ\u212a😀\ud83d\ude00')
const texts = fc.array(fc.string({ unit: characters, maxLength: 10 }), { maxLength: 8 })

describe('a lazy automaton', () => {
  it('accepts what the general engine finds, whatever the limit of its states is', () => {
    let matches = 0
    let parsed = 0
    const property = fc.property(
      flags,
      expression,
      texts,
      fc.nat(300),
      (flag, inner, all, cells) => {
        const source = flag + inner
        let general: RE2JS
        try {
          general = RE2JS.compile(source)
        } catch {
          return
        }
        if (parseSyntax(source) === undefined) return
        parsed++
        const roomy = automaton(source)
        const narrow = automaton(source, new StateLimit(cells))
        for (const text of all) {
          const expected = general.test(text)
          if (expected) matches++
          assert.equal(roomy.test(text), expected, JSON.stringify([source, text]))
          const found = narrow.test(text)
          if (found !== undefined) assert.equal(found, expected, JSON.stringify([source, text]))
        }
      },
    )
    fc.assert(property, { numRuns: 3000 })
    assert.ok(parsed > 0 && matches > 0, `${parsed} expressions, ${matches} matches`)
  })

  it('gives up a text that needs new states all the time, and keeps to its limit', () => {
    const limit = new StateLimit(20_000)
    const hostile = automaton('a.{14}b', limit)
    let text = ''
    for (let i = 0, random = 1; i < 20_000; i++) {
      random = Math.imul(random, 1_103_515_245) + 12_345
      text += random & 0x10000 ? 'a' : 'c'
    }
    assert.equal(hostile.test(text), undefined)
    assert.ok(limit.cells <= 20_000, `${limit.cells}`)
    assert.equal(hostile.test(`a${'c'.repeat(14)}b`), true)
    hostile.forgetStates()
    assert.equal(limit.cells, 0)
  })

  it('goes on after the start of a text, as long as it knows its states', () => {
    const limit = new StateLimit(20_000)
    const each = automaton('^(ab |a)\\b.?c$', limit)
    assert.equal(
      each.start('b', () => {}),
      'ended',
    )
    for (const text of ['ab c', 'ab xc', 'ac', 'a', 'b', 'ab \u{1f600}c']) {
      for (let split = 0; split < 3; split++) {
        const found: number[] = []
        const position = each.start(text.slice(0, split), (id) => found.push(id))
        assert.ok(position !== undefined)
        const goesOn = position !== 'ended'
        const later = goesOn && each.run(text.slice(split), () => true, position)
        assert.equal(later || found.length > 0, each.test(text), `${text} ${split}`)
      }
    }
    const position = each.start('ab ', () => {})
    each.forgetStates()
    assert.ok(position !== undefined && position !== 'ended' && !each.isAt(position))
    assert.equal(
      each.run('c', () => true, position),
      undefined,
    )
  })

  it('makes all others that share the limit forget their states', () => {
    const limit = new StateLimit(20_000)
    const [first, second] = [automaton('abc', limit), automaton('a.{14}b', limit)]
    assert.equal(first.test('xabc'), true)
    for (let i = 0; i < 3000; i++) second.test(`${i.toString(2).replaceAll('1', 'a')} b`)
    assert.ok(limit.cells <= 20_000, `${limit.cells}`)
    assert.deepEqual([first.test('xabc'), first.test('ab')], [true, false])
  })
})
