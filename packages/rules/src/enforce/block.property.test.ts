import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event, KprobeArgument } from '@tetragon-ts/api'
import { DryRun, readPolicies } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { FieldRef } from '../log-sources/field-ref.ts'
import { type LogSourceName, logSources } from '../log-sources/index.ts'
import type { HookArgument } from '../log-sources/kernel-hook.ts'
import type { Expression } from '../model/expression.ts'
import type { Rule } from '../model/rule.ts'
import type { Test } from '../model/test.ts'
import { naivelyMatches } from '../testing/naive-evaluator.ts'
import { readWildcards } from '../text/wildcard.ts'
import { type BlockHook, blockHooks } from './block-hooks.ts'
import { enforcementPolicies } from './enforcement-policies.ts'

// Selectors of blocking rules match exactly what a naive evaluator finds, on random calls.

const names = fc.constantFrom('a', 'b', 'B', 'ab', '.x')
const path = fc
  .array(names, { minLength: 1, maxLength: 3 })
  .map((all) => all.map((each) => `/${each}`).join(''))
const value = fc.oneof(
  path,
  path.map((each) => `${each}/`),
  names,
  names.map((each) => `/${each}`),
)

const texts: fc.Arbitrary<Test> = fc
  .tuple(fc.constantFrom('', '*'), value, fc.constantFrom('', '*'), fc.boolean())
  .map(([before, text, after, cased]) => {
    return { kind: 'text', text: readWildcards(before + text + after), cased }
  })
const addresses = fc.constantFrom('10.0.0.1', '10.0.0.2', '127.0.0.1')
const ports = fc.constantFrom('80', '81', '443')
const plain = (text: string): Test => ({ kind: 'text', text: [text], cased: false })

const testsOf: Readonly<Record<string, fc.Arbitrary<Test>>> = {
  DestinationIp: addresses.map(plain),
  DestinationPort: ports.map(plain),
  Initiated: fc.constantFrom('true', 'false').map(plain),
}

function expressionOf({ fields }: BlockHook): fc.Arbitrary<Expression> {
  const single = fc.constantFrom(...Object.keys(fields)).chain((written) => {
    const field: FieldRef = { of: 'event', path: written, kind: 'text', written }
    return (testsOf[written] ?? texts).map((each): Expression => {
      return { kind: 'test', field, test: each }
    })
  })
  return fc.letrec<{ whole: Expression }>((tie) => ({
    whole: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 3, arbitrary: single },
      fc
        .tuple(
          fc.constantFrom('and' as const, 'or' as const),
          fc.array(tie('whole'), { minLength: 1, maxLength: 3 }),
        )
        .map(([kind, of]): Expression => ({ kind, of })),
      tie('whole').map((of): Expression => ({ kind: 'not', of })),
    ),
  })).whole
}

function argumentOf({ type, label }: HookArgument): fc.Arbitrary<KprobeArgument> {
  const named = (argument: object): KprobeArgument => (label ? { ...argument, label } : argument)
  switch (type) {
    case 'file':
      return path.map((each) => named({ file_arg: { path: each } }))
    case 'path':
      return fc.oneof(path, fc.constant('/')).map((each) => named({ path_arg: { path: each } }))
    case 'dentry':
      return path.map((each) => named({ path_arg: { path: each } }))
    case 'sockaddr':
      return fc.tuple(addresses, ports).map(([addr, port]) => {
        return named({ sockaddr_arg: { addr, port: Number(port), family: 'AF_INET' } })
      })
    case 'uint16':
      return fc.constant(named({ uint_arg: 0o100644 }))
    default:
      return fc
        .constantFrom(0, 1, 0o100, 0o1000, 0o100000)
        .map((flags) => named({ uint_arg: flags }))
  }
}

const process = { exec_id: 'a', pid: 7, binary: '/bin/a', flags: 'execve clone' }

function eventOf({ call, args }: BlockHook): fc.Arbitrary<Event> {
  return fc.tuple(...args.map(argumentOf)).map((values) => {
    const body = { process, function_name: call, args: values, policy_name: 'p' }
    return { key: 'process_kprobe', body, response: { process_kprobe: body } } as unknown as Event
  })
}

function ruleOf(logSource: LogSourceName, condition: Expression): Rule {
  return {
    ...{
      kind: 'rule',
      title: 'rule',
      tags: [],
      techniques: [],
      references: [],
      falsePositives: [],
    },
    ...{ file: 'f', line: 1, logSource, written: {}, condition },
    action: { name: 'block', file: 'f', line: 2, column: 1 },
  }
}

for (const [name, hooks] of Object.entries(blockHooks)) {
  const logSource = name as LogSourceName
  test(`the kernel refuses exactly what rules on ${logSource} match`, () => {
    const counts = { refused: 0, passed: 0 }
    const property = fc.property(
      expressionOf(hooks[0]),
      fc.array(fc.constantFrom(...hooks).chain(eventOf), { minLength: 1, maxLength: 10 }),
      (condition, events) => {
        const rule = ruleOf(logSource, condition)
        const linked = { rules: [{ rule, filters: [], alone: true }], correlations: [] }
        const policies = enforcementPolicies({ ...linked, diagnostics: [] })
        // Refused, and said so.
        if (policies.length === 0) return
        const [{ name: file, text }] = policies
        const { documents, diagnostics } = readPolicies(text, file)
        const errors = diagnostics.filter(({ severity }) => severity === 'error')
        assert.deepEqual(errors, [], text)
        const run = new DryRun(documents[0].policy)
        for (const event of events) {
          const outcome = run.see(event)[0]
          const isRefused = outcome?.kind === 'hit' && outcome.actions.includes('Override')
          const expected = logSources[logSource].records(event).some((record) => {
            return naivelyMatches(condition, { record, process, parent: {}, ancestors: [] })
          })
          assert.equal(isRefused, expected, `${text}\n${JSON.stringify(event.body)}`)
          counts[expected ? 'refused' : 'passed']++
        }
      },
    )
    fc.assert(property, { numRuns: 1000 })
    // Otherwise the property shows nothing. How many there are is chance.
    assert.ok(counts.refused > 0 && counts.passed > 0, JSON.stringify(counts))
  })
}
