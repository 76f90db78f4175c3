import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { heldMaps } from '@tetragon-ts/ebpf/open-maps'
import { heldPrograms } from '@tetragon-ts/ebpf/programs'
import { SyscallCounter } from './syscall-counter.ts'

const names = () => [...heldPrograms(), ...heldMaps()].map(({ name }) => name).sort()

/** Calls of openat that the test makes. */
const opened = 100

test('system calls are counted by process and name while it lives', () => {
  const before = names()
  const target = { btf: Btf.open(), bpfLoop: false }
  {
    using counter = new SyscallCounter(target)
    counter.take()
    // Half of them succeed. Other threads of this process may open files too, but few.
    const pid = process.pid
    for (let i = 0; i < opened / 2; i++) {
      readFileSync('/proc/self/comm')
      assert.throws(() => readFileSync('/nowhere'))
    }
    const { status } = spawnSync('/bin/true')
    assert.equal(status, 0)
    const { counts, uncounted } = counter.take()
    const own = new Map(
      counts.filter((each) => each.pid === pid).map((each) => [each.name, each.count]),
    )
    const openat = own.get('openat') ?? own.get('open') ?? 0
    // The kernel skips the program while it is active on the same CPU for a preempted task; such
    // calls have no process, but are not lost silently.
    assert.ok(openat + uncounted >= opened, `${openat} openat, ${uncounted} uncounted`)
    assert.ok(openat > 0)
    const executed = counts.filter(({ name }) => name === 'execve' || name === 'execveat')
    assert.ok(uncounted > 0 || executed.some((each) => each.pid !== pid))
    // Calls that were already returned are not counted again.
    const again = counter.take().counts.find((each) => each.pid === pid && each.name === 'openat')
    assert.ok((again?.count ?? 0) < opened, `${again?.count} openat again`)
  }
  assert.deepEqual(names(), before)
})
