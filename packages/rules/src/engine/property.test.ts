import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Process } from '@tetragon-ts/api'
import fc from 'fast-check'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Expression } from '../model/expression.ts'
import type { Rule, RuleFilter } from '../model/rule.ts'
import type { Test } from '../model/test.ts'
import { regexpTest } from '../modifiers/re.ts'
import { naivelyMatches } from '../testing/naive-evaluator.ts'
import { readWildcards } from '../text/wildcard.ts'
import { compileRules } from './compile-rules.ts'

/** Few letters, so that random texts contain random values; some with unusual case forms. */
const letters = fc.constantFrom(...'aAbB/ .-kKsS\u212aſßİσςΣé😀')
const text = fc.string({ unit: letters, maxLength: 8 })
const wildcards = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: letters, maxLength: 3 }) },
      fc.constantFrom('*', '?'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''))

const regexps = fc.constantFrom(
  ...['aab', 'ab+a', '(?:aab|bba)', 'a{3}', 'a[ab]b/', '^/ab.a', 'abb?a$', '(aba)*', '/(a|b)+bab'],
  // Starts with names of programs, and expressions without literals.
  ...['^(\\S*/)?(a|ab|ba)( |$)', '^(\\S*/)?((a|b) )?(aa|b)( |$).*-', '^(aa|b)?/.*b', '\\s$', '^$'],
  ...['^(?:a|b) ?(?:-\\S+ ?)*$', '^a|b$', '^(a|b$)', '[é\\s]k', '^\\S+ .*a', '^.a'],
)

const tests: fc.Arbitrary<Test> = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    text: wildcards.map(readWildcards),
    cased: fc.boolean(),
  }),
  fc.tuple(regexps, fc.constantFrom('', 'i')).map(([source, flags]) => regexpTest(source, flags)),
  fc.constant({ kind: 'null' } as const),
  fc.record({ kind: fc.constant('exists' as const), wanted: fc.boolean() }),
)

function field(of: FieldRef['of'], path: string): FieldRef {
  return { of, path, kind: 'text', written: path }
}

const fields = fc.constantFrom(
  ...[field('process', 'binary'), field('process', 'command_line'), field('parent', 'binary')],
  ...[field('parent', 'cwd'), field('event', 'UtcTime'), field('event', 'Signal')],
)

const single = fc
  .tuple(fc.oneof(fields, fc.constant(field('ancestors', 'binary'))), tests)
  // Nothing is missing of ancestors; the reader refuses such tests.
  .filter(([{ of }, { kind }]) => of !== 'ancestors' || (kind !== 'null' && kind !== 'exists'))
  .map(([field, test]): Expression => ({ kind: 'test', field, test }))

const expressions = fc.letrec<{ whole: Expression }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    single,
    fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('whole'), { maxLength: 4 }),
      )
      .map(([kind, of]): Expression => ({ kind, of })),
    tie('whole').map((of): Expression => ({ kind: 'not', of })),
    fc
      .tuple(fields, fields)
      .map(
        ([field, other]): Expression => ({
          kind: 'test',
          field,
          test: { kind: 'field', other, position: 'whole', cased: false },
        }),
      ),
  ),
})).whole

/** Most programs are started several times. */
const binaries = fc.oneof(text, fc.constantFrom('/a', '/b/ab', 'aab', 'b', 'aé', 'ſ', ''))

const processes: fc.Arbitrary<Process> = fc.record(
  { binary: binaries, arguments: text, cwd: text },
  { requiredKeys: [] },
)

const events = fc.record({
  process: processes,
  parent: processes,
  ancestors: fc.array(processes, { maxLength: 3 }),
  record: fc.record(
    { UtcTime: text, Signal: fc.oneof(text, fc.array(text)) },
    { requiredKeys: [] },
  ),
})

function rule(title: string, condition: Expression): Rule {
  return {
    ...{ kind: 'rule', title, tags: [], techniques: [], references: [], falsePositives: [] },
    ...{ file: 'f', line: 1, logSource: 'process_termination', written: {}, condition },
  }
}

const someFilter: RuleFilter = {
  ...{ kind: 'filter', title: 'f', written: {}, rules: undefined, file: 'f', line: 1, column: 1 },
  condition: () => undefined,
}

test('automaton and bits decide as a naive evaluator does', () => {
  let matches = 0
  const property = fc.property(
    fc.array(fc.tuple(expressions, fc.option(expressions)), { minLength: 1, maxLength: 12 }),
    fc.array(events, { minLength: 1, maxLength: 6 }),
    (conditions, subjects) => {
      const rules = conditions.map(([condition], i) => rule(String(i), condition))
      const set = compileRules({
        rules: rules.map((each, i) => {
          const exception = conditions[i][1]
          const filters = exception === null ? [] : [{ filter: someFilter, condition: exception }]
          return { rule: each, filters, alone: true }
        }),
        correlations: [],
        diagnostics: [],
      })
      for (const each of subjects) {
        const subject = { ...each, ancestors: [each.parent, ...each.ancestors] }
        const parent = set.facts(subject.parent)
        const above = [parent, ...each.ancestors.map((one) => set.facts(one))]
        const facts = {
          process: set.facts(subject.process),
          parent,
          // The agent's ancestors are from the parent on, with the parent's facts.
          ancestors: () => above,
        }
        const evaluate = () =>
          set
            .evaluate('process_termination', facts, subject.record)
            .map((each) => `${each.rule.title} ${each.suppressedBy !== undefined}`)
        const found = evaluate()
        const expected = conditions.flatMap(([condition, exception], i) => {
          if (!naivelyMatches(condition, subject)) return []
          return `${i} ${exception !== null && !naivelyMatches(exception, subject)}`
        })
        assert.deepEqual(found.sort(), expected.sort())
        // Facts that know decisions decide the same, also those of another process in between.
        const { process } = facts
        set.evaluate('process_termination', { process: facts.parent, parent: process }, {})
        assert.deepEqual(evaluate().sort(), expected)
        matches += found.length
      }
    },
  )
  fc.assert(property, { numRuns: 500 })
  assert.ok(matches > 500, `${matches} matches`)
})
