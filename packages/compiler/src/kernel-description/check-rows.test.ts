import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Diagnostic } from '@tetragon-ts/policy'
import type { HookCheck } from './check-policy.ts'
import { checkNotes, checkRows, type KernelCheck } from './check-rows.ts'

const empty = { verdict: 'works', ways: [], missing: [], files: [], problems: [] } as const

function checkOf(kernel: string, ...hooks: Partial<HookCheck>[]): KernelCheck {
  const all = hooks.map((hook): HookCheck => ({ path: 'spec', call: 'f', ...empty, ...hook }))
  return { kernel, file: 'p.yaml', policy: 'p', verdict: 'works', hooks: all, problems: [] }
}

const way = (
  backend: string,
  functions: number,
  enforcement: HookCheck['ways'][0]['enforcement'],
) => ({ backend, functions, why: '', difference: '', enforcement }) as const

test('rows have the back end, the means and the guarantee in words', () => {
  const kill = { action: 'Sigkill', means: 'signal', guarantee: 'signals', missed: '' } as const
  const deny = { action: 'Override', means: undefined, guarantee: 'monitors', missed: '' } as const
  const rows = checkRows([
    checkOf('old'),
    checkOf(
      'new',
      { ways: [way('fentry', 1, []), way('kprobe', 3, [kill, kill, deny])] },
      { verdict: 'fails' },
      { verdict: 'depends', files: ['/a', '/b', '/c', '/d', '/e'] },
      { missing: ['g'] },
    ),
  ])
  assert.deepEqual(
    rows.map(({ hook, kernel, result, backend, enforcement }) => {
      return [hook, kernel, result, backend, enforcement]
    }),
    [
      ['f', 'new', 'works', 'fentry', '-'],
      [
        ...['f', 'new', 'works', 'kprobe (3 functions)'],
        'Sigkill by signal: after the operation may have begun; Override: only monitors',
      ],
      ['f', 'new', 'fails', '-', '-'],
      ['f', 'new', 'depends', 'as /a, /b, /c and 2 more decides (--root)', '-'],
      ['f', 'new', 'works', 'none: no g', '-'],
      ['-', 'old', 'fails', '-', '-'],
    ],
  )
})

test('a finding is one note with its kernels', () => {
  const at = (line: number): Diagnostic => {
    const place = { file: 'p.yaml', line, column: 1, path: '' }
    return { ...place, severity: 'error', code: 'POLICY_HOOK', message: 'no' }
  }
  const notes = checkNotes([
    checkOf('a', { problems: [at(1)] }),
    { ...checkOf('b', { problems: [at(1)] }), problems: [at(2)] },
  ])
  const found = notes.map(({ diagnostic, kernels }) => [diagnostic.line, kernels])
  assert.deepEqual(found, [
    [1, ['a', 'b']],
    [2, ['b']],
  ])
})
