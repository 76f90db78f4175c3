import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { preemptible, programCopies } from './program-copies.ts'

const name = () => readFileSync('/proc/thread-self/comm', 'latin1')

test('programs are attached twice where tracepoints are preemptible', () => {
  const before = name()
  const btf = Btf.open()
  // The kernels of the matrix are Debian's, so the release shows what the probe must find: 7.0 has
  // tracepoints preemptible (__DECLARE_TRACE in include/linux/tracepoint.h).
  const isOld = Number.parseFloat(release()) < 7
  assert.equal(preemptible(btf), isOld ? 'no' : 'yes')
  assert.equal(programCopies(btf), isOld ? 1 : 2)
  assert.equal(name(), before, 'the name of the thread')
})
