import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { heldMaps } from '@tetragon-ts/ebpf/maps'
import { heldPrograms } from '@tetragon-ts/ebpf/programs'
import { SyscallCounter } from './syscall-counter.ts'

const names = () => [...heldPrograms(), ...heldMaps()].map(({ name }) => name).sort()

test('system calls are counted by process and name while it lives', () => {
  const before = names()
  const target = { btf: Btf.open(), bpfLoop: false }
  {
    using counter = new SyscallCounter(target)
    counter.take()
    // Two calls of openat: one succeeds, one fails.
    const pid = process.pid
    readFileSync('/proc/self/comm')
    assert.throws(() => readFileSync('/nowhere'))
    const { status } = spawnSync('/bin/true')
    assert.equal(status, 0)
    const { counts, uncounted } = counter.take()
    const own = new Map(
      counts.filter((each) => each.pid === pid).map((each) => [each.name, each.count]),
    )
    const openat = own.get('openat') ?? own.get('open') ?? 0
    assert.ok(openat >= 2, `${openat} openat`)
    assert.equal(uncounted, 0)
    const executed = counts.filter(({ name }) => name === 'execve' || name === 'execveat')
    assert.ok(executed.some((each) => each.pid !== pid))
    // Calls that were already returned are not counted again.
    const again = counter.take().counts.find((each) => each.pid === pid && each.name === 'openat')
    assert.ok((again?.count ?? 0) < openat)
  }
  assert.deepEqual(names(), before)
})
