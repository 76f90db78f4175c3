import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ArgumentOperator,
  argumentTypeFacts,
  argumentTypeNames,
  operatorsByKind,
  readPolicies,
} from '@tetragon-ts/policy'
import { hasArgumentType } from '../arguments/index.ts'
import { checkSelectors } from './check-hook.ts'

/** Diagnostics of the selectors of a hook, as `severity path: message`. */
function check(hook: string): string[] {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  lists:
  - {name: calls, type: syscalls, values: [sys_read, sys_nothing]}
${hook}`
  const { documents, diagnostics } = readPolicies(text, 'test.yaml')
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
    text,
  )
  const [document] = documents
  return document.policy.hooks
    .flatMap((each) => checkSelectors(each, document))
    .map(({ severity, path, message }) => `${severity} ${path}: ${message}`)
}

function kprobe(args: string, selector: string): string {
  return `
  kprobes:
  - call: some_function
    syscall: false
    args: [${args}]
    selectors:
    - ${selector}`
}

/** A value that an operator accepts for a type. */
function valueFor(operator: ArgumentOperator, kind: string): string {
  if (/Addr/.test(operator)) return '10.0.0.0/8'
  if (/Range/.test(operator)) return '1:2'
  if (/FileType/.test(operator)) return 'reg'
  return kind === 'integer' || kind === 'capabilities' || /Port$|Proto|Fam|State|Map/.test(operator)
    ? '1'
    : 'text'
}

describe('the check of selectors', () => {
  it('decides about each type with each operator', () => {
    const lacking: string[] = []
    for (const type of argumentTypeNames) {
      const { kind } = argumentTypeFacts[type]
      if (!hasArgumentType(type) || ['syscall64', 'data_loc', 'go_string'].includes(type)) continue
      for (const operator of operatorsByKind[kind]) {
        if (operator === 'CapabilitiesGained') continue
        const none = /Priv$/.test(operator)
        const values = none ? '' : `, values: ["${valueFor(operator, kind)}"]`
        const hook = kprobe(
          `{index: 0, type: ${type}}`,
          `matchArgs: [{index: 0, operator: ${operator}${values}}]`,
        )
        const found = check(hook)
        if (found.length > 0) lacking.push(`${type} ${operator}`)
        for (const each of found) {
          assert.match(each, /^error .*operator: \S+ looks at .* of type \w+ do not have$/)
        }
      }
    }
    // Tests that the language allows but that are impossible.
    assert.deepEqual(
      lacking.filter((pair) => pair !== 'skb State'),
      [],
    )
  })

  it('refuses a string whose table is too large for the kernel', () => {
    const letters = Array.from({ length: 1500 }, (_, i) => String.fromCodePoint(0x100 + i)).join('')
    const hook = kprobe(
      '{index: 0, type: string}',
      `matchArgs: [{index: 0, operator: SubString, values: ["${letters.repeat(10)}"]}]`,
    )
    assert.match(check(hook)[0], /^error .*values: the search .* \d+ MiB, and the kernel allows 4/)
  })

  it('refuses actions in the wrong list', () => {
    const hook = `
  kprobes:
  - call: some_function
    syscall: false
    return: true
    returnArg: {index: 0, type: int}
    args: [{index: 0, type: int}, {index: 1, type: string, returnCopy: true}]
    selectors:
    - matchActions: [{action: FollowFD, argFd: 0, argName: 1}]`
    assert.match(
      check(hook)[0],
      /^error .*argument 1 has returnCopy: FollowFD uses values of the entry only$/,
    )
  })

  it('warns of system calls in lists that the machine does not have', () => {
    const hook = `
  tracepoints:
  - subsystem: raw_syscalls
    event: sys_enter
    args: [{index: 4, type: syscall64}]
    selectors:
    - matchArgs: [{index: 0, operator: InMap, values: ["list:calls"]}]`
    assert.match(
      check(hook)[0],
      /^warning spec.lists\[0\].values\[1\]: .*never matches sys_nothing/,
    )
  })
})
