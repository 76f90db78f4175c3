import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { test } from 'node:test'
import { bootTimeNs, onlineCpus, pageSize, SystemCallError } from '../sys/index.ts'
import { type Mapping, MappingEvents } from './mapping-events.ts'

interface Seen {
  readonly mappings: Mapping[]
  readonly starts: { readonly pid: number; readonly time: bigint }[]
  lost: number
}

function openAll(size: number): MappingEvents[] {
  return onlineCpus().map((cpu) => new MappingEvents(cpu, size))
}

function readAll(rings: readonly MappingEvents[]): Seen {
  const seen: Seen = { mappings: [], starts: [], lost: 0 }
  for (const ring of rings) {
    ring.read({
      mapped: (mapping) => seen.mappings.push(mapping),
      executing: (pid, time) => seen.starts.push({ pid, time }),
      lost: (count) => {
        seen.lost += count
      },
    })
  }
  return seen
}

const program = realpathSync('/bin/true')

/** Runs a program, on one CPU if given. @returns its pid */
function execute(cpu?: number): number {
  const { pid, status, error } =
    cpu === undefined ? spawnSync(program) : spawnSync('taskset', ['-c', String(cpu), program])
  assert.deepEqual([error, status], [undefined, 0])
  return pid
}

/** Bytes of a record without the path. */
const recordMin = 72 + 16

function sizeOf(mappings: readonly Mapping[]): number {
  return mappings.reduce((sum, { path }) => sum + recordMin + path.length, 0)
}

test('mappings of a program follow the start of its execve', () => {
  const rings = openAll(1 << 16)
  try {
    const before = bootTimeNs()
    const pid = execute()
    const { mappings, starts } = readAll(rings)
    const own = mappings
      .filter((mapping) => mapping.pid === pid)
      .sort((a, b) => Number(a.time - b.time))
    const [start, ...others] = starts.filter((each) => each.pid === pid)
    assert.equal(others.length, 0)
    assert.ok(start.time >= before && start.time <= own[0].time)
    assert.ok(own.every(({ time, tid }) => time <= bootTimeNs() && tid === pid))
    const [first] = own
    assert.equal(Buffer.from(first.path).toString(), program)
    assert.ok(first.buildId !== undefined || first.file !== undefined)
    assert.ok(first.length > 0n && first.address > 0n)
    assert.ok(own.some(({ buildId, file }) => buildId === undefined && file === undefined))
  } finally {
    for (const ring of rings) ring.close()
  }
})

test('a small ring wraps, and counts what it loses', () => {
  const [cpu] = onlineCpus()
  using ring = new MappingEvents(cpu, pageSize)
  for (let bytes = 0, runs = 0; bytes < 2 * pageSize; runs++) {
    assert.ok(runs < 1000, 'the ring has none of the records')
    const pid = execute(cpu)
    const { mappings, starts, lost } = readAll([ring])
    const own = mappings.filter((mapping) => mapping.pid === pid)
    const paths = own.map(({ path }) => Buffer.from(path).toString())
    // Other processes of the CPU may have filled the ring: the next record reports that.
    const filled = sizeOf(mappings) + starts.length * recordMin
    if (lost === 0 && filled < pageSize / 2) {
      assert.ok(paths.includes(program), paths.join(' '))
    }
    bytes += sizeOf(own)
  }
  let lost = 0
  for (let round = 0; lost === 0; round++) {
    assert.ok(round < 10, 'no loss is reported')
    // Each run writes several records.
    for (let i = 0; i < pageSize / recordMin; i++) execute(cpu)
    const kept = readAll([ring])
    assert.ok(kept.mappings.length <= pageSize / recordMin, `${kept.mappings.length}`)
    // The next record reports it.
    execute(cpu)
    lost = kept.lost + readAll([ring]).lost
  }
})

test('a CPU that does not exist is refused', () => {
  assert.throws(
    () => new MappingEvents(100_000, pageSize),
    (error) => error instanceof SystemCallError && error.code === 'EBPF_SYSCALL',
  )
})
