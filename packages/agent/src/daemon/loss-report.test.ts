import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LossKind, lossKinds } from '@tetragon-ts/sensors'
import { Counters } from '../reader/counters.ts'
import { readLosses } from '../reader/losses.ts'
import { LossReport } from './loss-report.ts'

function sourceOf(kernel: Partial<Record<LossKind, number>>, missed: number) {
  const none = Object.fromEntries(lossKinds.map((kind) => [kind, 0])) as Record<LossKind, number>
  return {
    losses: () => ({ ...none, ...kernel }),
    possiblyMissed: () => missed,
    droppedRequests: () => 0,
    counters: new Counters(),
  }
}

test('a loss is logged when it grows, with the new and the total number', () => {
  const kernel: Partial<Record<LossKind, number>> = { exec: 2, rate_limited: 1 }
  const source = sourceOf(kernel, 0)
  const lines: string[] = []
  const report = new LossReport(source, { warning: (line) => void lines.push(line) })
  report.check()
  report.check()
  kernel.exec = 5
  source.counters.set('hooksUnwritten', 7)
  report.check()
  assert.deepEqual(lines, [
    'lost in the kernel (exec): 2 more, 2 in all',
    'held back by rate limits: 1 more, 1 in all',
    'lost in the kernel (exec): 3 more, 5 in all',
    'hook events could not be written: 7 more, 7 in all',
  ])
})

test('every loss has a unique name in each report', () => {
  const losses = readLosses(sourceOf({}, 3))
  assert.equal(losses.find(({ inspected }) => inspected === 'possibly_missed')?.total, 3)
  for (const names of [
    losses.map(({ stage, kind }) => `${stage} ${kind}`),
    losses.flatMap(({ text }) => text ?? []),
    losses.flatMap(({ inspected }) => inspected ?? []),
  ]) {
    assert.equal(new Set(names).size, names.length)
  }
})
