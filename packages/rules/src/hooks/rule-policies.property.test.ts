import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, KprobeArgument } from '@tetragon-ts/api'
import { DryRun, readPolicies } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { Subject } from '../engine/subject.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { HookUse } from '../log-sources/hook-use.ts'
import { type LogSource, type LogSourceName, logSources } from '../log-sources/index.ts'
import { type HookArgument, kernelHook } from '../log-sources/kernel-hook.ts'
import { truncate } from '../log-sources/open-flags.ts'
import { type Expression, testsOf } from '../model/expression.ts'
import type { Rule } from '../model/rule.ts'
import type { RulePolicy } from '../model/rule-policy.ts'
import type { Test } from '../model/test.ts'
import { regexpTest } from '../modifiers/re.ts'
import { naivelyMatches } from '../testing/naive-evaluator.ts'
import { readWildcards } from '../text/wildcard.ts'
import { hooksOf, rulePolicies } from './rule-policies.ts'

/** Parts of paths, so that random texts contain random values. */
const parts = fc.constantFrom(
  ...['/', '/etc', '/ETC', '/a', 'a', 'B', 'b', '.ssh', 'é', 'Σ', '-', '/proc/', '/mem', '1', 'x'],
)
const text = fc.array(parts, { minLength: 1, maxLength: 5 }).map((all) => all.join(''))
const wildcards = fc
  .array(fc.oneof({ weight: 3, arbitrary: text }, fc.constantFrom('*', '?')), { maxLength: 3 })
  .map((all) => all.join(''))
const numbers = fc.constantFrom(0, 1, 4, 5, 13, 64, 512, 513, 577, 0o4755, 0o2755, 0o104755, 0o644)
const types = fc.constantFrom(0o100644, 0o40755, 0o20666, 0o140755)

const regexps = fc.constantFrom(
  ...['^/etc/', '^/(etc|a)/', '/a$', '/(a|b)?x?$', '^/etc/a$', '^/[^/]+$', '\\.ssh', '^(/etc|a)'],
  ...['(?:/etc|/a)(b|B)$', '^/a+b', '^/etc|a$', '(/etc)*a', 'a{2}', '^[ab]', '[a-z]$', '^$', '.'],
  ...['^[4-7][0-7]{3}$', '^[24]', '7', '^1$|^4$', 'mem$', '^/proc/1+/mem$', '\\S+b', '(^/a|b)x'],
  ...['^/etc/x|b$', 'b$|^/etc/x', '(^|/)(a|b)$', 'x/a|ssh', '\\.ssh/a', '^a|^/a/b'],
)

const tests: fc.Arbitrary<Test> = fc.oneof(
  fc.record({
    kind: fc.constant('text' as const),
    text: fc
      .oneof(
        wildcards,
        numbers.map(String),
        fc.constantFrom('true', 'file', '10.0.0.1', 'fd00::1', '::1', '::ffff:10.0.0.1'),
      )
      .map(readWildcards),
    cased: fc.boolean(),
  }),
  fc.tuple(regexps, fc.constantFrom('', 'i')).map(([source, flags]) => regexpTest(source, flags)),
  fc.constant({ kind: 'null' } as const),
  fc.record({ kind: fc.constant('exists' as const), wanted: fc.boolean() }),
  fc.record({
    kind: fc.constant('number' as const),
    comparison: fc.constantFrom('eq' as const, 'gt' as const, 'lte' as const),
    number: numbers,
  }),
)

function expressionOf(fields: fc.Arbitrary<FieldRef>): fc.Arbitrary<Expression> {
  const single = fc
    .tuple(fields, tests)
    .map(([field, each]): Expression => ({ kind: 'test', field, test: each }))
  return fc.letrec<{ whole: Expression }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      { weight: 4, arbitrary: single },
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const),
          fc.array(tie('whole'), { minLength: 1, maxLength: 3 }),
        )
        .map(([kind, of]): Expression => ({ kind, of })),
      single.map((of): Expression => ({ kind: 'not', of })),
    ),
  })).whole
}

function argumentOf({ type, label }: HookArgument): fc.Arbitrary<KprobeArgument> {
  const named = (value: object): KprobeArgument => (label ? { ...value, label } : value)
  switch (type) {
    case 'file':
    case 'fd':
      return text.map((path) => named({ file_arg: { path } }))
    case 'path':
    case 'dentry':
      return text.map((path) => named({ path_arg: { path: `/${path}` } }))
    case 'string':
      return text.map((value) => named({ string_arg: value }))
    case 'sock':
      return fc
        .tuple(
          numbers,
          fc.constantFrom('10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1'),
        )
        .map(([dport, daddr]) => named({ sock_arg: { daddr, dport, protocol: 'IPPROTO_TCP' } }))
    case 'uint16':
      return types.map((value) => named({ uint_arg: value }))
    case 'int64':
      return numbers.map((value) => named({ long_arg: String(value) }))
    case 'size_t':
    case 'uint64':
      return numbers.map((value) => named({ size_arg: String(value) }))
    case 'addrinfo':
      return fc.constant(named({ addrinfo_arg: { addresses: ['10.0.0.1'] } }))
    default:
      return numbers.map((value) =>
        named(type === 'int' ? { int_arg: value } : { uint_arg: value }),
      )
  }
}

const process = { exec_id: 'a', pid: 7, binary: '/bin/a', flags: 'execve clone' }

function eventOf({ hook }: HookUse): fc.Arbitrary<Event> {
  const { args, returns, path } = kernelHook(hook)
  const result =
    returns === undefined ? fc.constant(undefined) : argumentOf({ index: 0, type: returns })
  return fc.tuple(fc.tuple(...args.map(argumentOf)), result).map(([values, value]) => {
    const place = path === undefined ? { function_name: hook } : { path, symbol: hook }
    const body = { process, ...place, args: values, ...(value ? { return: value } : {}) }
    const response =
      path === undefined
        ? { process_kprobe: { ...body, policy_name: 'p' } }
        : { process_uprobe: { ...body, policy_name: 'p' } }
    const key = path === undefined ? 'process_kprobe' : 'process_uprobe'
    return { key, body: { ...body, policy_name: 'p' }, response } as unknown as Event
  })
}

function usesOf({ uses = [] }: LogSource): HookUse[] {
  return uses.flatMap((use) => {
    const { onlyFor, instead = [] } = use
    return [use, ...instead.map((each) => (onlyFor === undefined ? each : { ...each, onlyFor }))]
  })
}

/** Whether a hook is not for a rule, or not for a call, which another hook sees. */
function isLeftOut(logSource: LogSource, called: string, rule: Rule, { body }: Event): boolean {
  const { onlyFor } = usesOf(logSource).find(({ hook }) => hook === called) ?? {}
  if (onlyFor === undefined) return false
  const flags = 'args' in body ? body.args?.find(({ label }) => label === 'flags') : undefined
  if (flags !== undefined && ((flags.int_arg ?? 0) & truncate) === 0) return true
  return ![...testsOf(rule.condition)].some(({ field }) => field.path === onlyFor)
}

function flat(policies: readonly RulePolicy[]): RulePolicy[] {
  return policies.flatMap((each) => [each, ...flat(each.instead)])
}

const ruleOf = (logSource: LogSourceName, i: number, condition: Expression): Rule => ({
  ...{ kind: 'rule', title: `r${i}`, tags: [], techniques: [], references: [], falsePositives: [] },
  ...{ file: 'f', line: 1, logSource, written: {}, condition },
})

/** @param uses some of the log source's */
function inputsOf(name: LogSourceName, uses: readonly HookUse[]) {
  const ref = (path: string): FieldRef => ({ of: 'event', path, kind: 'text', written: path })
  const namesOf = (isKnown: boolean): FieldRef[] => {
    const entries = uses.flatMap((use) => Object.entries(use.fields))
    return entries.flatMap(([path, source]) => {
      return path !== 'Policy' && (source !== 'unknown') === isKnown ? [ref(path)] : []
    })
  }
  const image: FieldRef = { of: 'process', path: 'binary', kind: 'text', written: 'Image' }
  const fields = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...namesOf(true), image) },
    fc.constantFrom(...namesOf(false), image),
  )
  const hookTest = fc
    .constantFrom(...uses)
    .map(
      ({ hook }): Expression => ({
        kind: 'test',
        field: ref('Hook'),
        test: { kind: 'text', text: [hook], cased: false },
      }),
    )
  const conditions =
    name === 'tetragon_hook'
      ? fc.tuple(hookTest, expressionOf(fields)).map((of): Expression => ({ kind: 'and', of }))
      : expressionOf(fields)
  return fc.tuple(
    fc.array(conditions, { minLength: 1, maxLength: 3 }),
    fc.array(fc.constantFrom(...uses).chain(eventOf), { minLength: 1, maxLength: 8 }),
  )
}

function propertyOf(name: LogSourceName, counts: { matches: number }) {
  const logSource: LogSource = logSources[name]
  return fc.property(
    fc
      .shuffledSubarray(usesOf(logSource), { minLength: 1 })
      .map((uses) => uses.slice(0, 3))
      .chain((uses) => inputsOf(name, uses)),
    ([all, events]) => {
      const rules = all.map((condition, i) => ruleOf(name, i, condition))
      const linked = rules.map((rule) => ({ rule, filters: [], alone: true }))
      const policies = flat(rulePolicies({ rules: linked, correlations: [], diagnostics: [] }))
      const runs = policies.map(({ name: file, text: yaml }) => {
        const { documents, diagnostics } = readPolicies(yaml, file)
        assert.deepEqual(diagnostics, [], yaml)
        return new DryRun(documents[0].policy)
      })
      for (const event of events) {
        const called =
          'symbol' in event.body
            ? event.body.symbol
            : (event.body as { function_name?: string }).function_name
        const outcomes = runs.map((run) => run.see(event)[0]?.kind)
        for (const rule of rules) {
          if (isLeftOut(logSource, String(called), rule, event)) continue
          const isMatch = logSource.records(event).some((record) => {
            const subject: Subject = { record, process, parent: {}, ancestors: [] }
            return naivelyMatches(rule.condition, subject)
          })
          if (!isMatch) continue
          counts.matches++
          const own = policies.flatMap(({ hook, rules: titles }, i) => {
            return hook === called && titles.includes(rule.title) ? [i] : []
          })
          assert.ok(own.length > 0, `no policy for ${rule.title} at ${called}`)
          assert.ok(hooksOf(rule).has(String(called)))
          for (const i of own) assert.notEqual(outcomes[i], 'miss', policies[i].text)
        }
      }
    },
  )
}

for (const name of Object.keys(logSources) as LogSourceName[]) {
  if (logSources[name].uses === undefined) continue
  test(`the kernel passes what rules on ${name} match`, () => {
    const counts = { matches: 0 }
    fc.assert(propertyOf(name, counts), { numRuns: 400 })
    assert.ok(counts.matches > 0)
  })
}
