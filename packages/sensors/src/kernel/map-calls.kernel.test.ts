import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
import { kprobe, program } from '@tetragon-ts/ebpf/lang'
import { array } from '@tetragon-ts/ebpf/maps'
import { createMap } from '@tetragon-ts/ebpf/open-maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { useRealTimeForMapCalls } from '@tetragon-ts/ebpf/sys'
import { preemptsPrograms } from './preemption.ts'

const calls = 5000
const calling = `i=0; while [ $i -lt ${calls} ]; do kill -0 $$; i=$((i+1)); done`
const counter = array('counter', { value: u64 })
const counting = program('counting', kprobe('__x64_sys_kill'), (k) => {
  const hits = k.lookup(counter, 0)
  k.when(hits, () => k.increment(hits, 'value'))
  k.exit()
})
/** A value that the kernel copies for several milliseconds. */
const value = { size: 4 * 2 ** 20 - 8, encode: () => {}, decode: () => {} }

/** The hits of a kprobe at calls of another process while this one reads a map all the time. */
async function hitsWhileReading(): Promise<number> {
  using collection = new Collection()
  collection.load(counting)
  collection.attach(counting)
  using map = createMap(array('large', { value }))
  const process = spawn('/bin/sh', ['-c', calling])
  const state = { hasEnded: false }
  const ended = once(process, 'exit').then(() => {
    state.hasEnded = true
  })
  while (!state.hasEnded) {
    for (let i = 0; i < 4; i++) map.lookup(0)
    await setImmediate()
  }
  await ended
  return Number(collection.map(counter).lookup(0))
}

test('kprobes miss no hits while this process uses maps', async (t) => {
  const { answer, reason } = probe('kprobe')
  if (answer !== 'yes') return t.skip(`kprobe: ${reason}`)
  if (!preemptsPrograms(Btf.open())) return t.skip('this kernel does not preempt system calls')
  try {
    // The machine has one processor, so this process and the other one preempt each other.
    useRealTimeForMapCalls(false)
    while ((await hitsWhileReading()) === calls) t.diagnostic('no preemption: once more')
    assert.ok(useRealTimeForMapCalls(true))
    assert.equal(await hitsWhileReading(), calls)
  } finally {
    useRealTimeForMapCalls(false)
  }
})
