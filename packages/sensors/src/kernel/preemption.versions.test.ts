import assert from 'node:assert/strict'
import { release } from 'node:os'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { preemptsPrograms } from './preemption.ts'

test('of the kernels of the matrix only 7 preempts programs', (t) => {
  const preempts = preemptsPrograms(Btf.open())
  // The kernels of virtual machines are Debian's, so the release shows what must be found.
  if (process.env.TETRAGON_TEST_KERNEL === undefined) return t.diagnostic(`here: ${preempts}`)
  assert.equal(preempts, Number.parseFloat(release()) >= 7)
})
