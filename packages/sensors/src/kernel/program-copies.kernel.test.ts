import assert from 'node:assert/strict'
import { release } from 'node:os'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { programCopies } from './program-copies.ts'

test('programs are attached twice where tracepoints are preemptible', () => {
  // The kernels of the matrix are unpatched, so the release shows what the probe must find: 7.0
  // has tracepoints preemptible (__DECLARE_TRACE in include/linux/tracepoint.h).
  const [major, minor] = release().split('.').map(Number.parseFloat)
  const isOld = major < 6 || (major === 6 && minor <= 18)
  assert.equal(programCopies(Btf.open()), isOld ? 1 : 2)
})
