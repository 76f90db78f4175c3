import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Density, densityKinds } from './density.ts'

const anyEvent = fc.record({
  kind: fc.constantFrom('process_exec', 'process_kprobe', 'unknown'),
  time: fc.oneof(fc.nat(100), fc.nat(100_000), fc.integer({ min: -1000, max: 4e12 })),
})
/** Whether the oldest event is dropped, or an event is added. */
const anySteps = fc.array(fc.option(anyEvent, { freq: 2 }), { maxLength: 80 })

test('the counts are those of the kept events, in the buckets of their times', () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const density = new Density(8, 10)
      const kept: { kind: string; time: number }[] = []
      for (const step of steps) {
        const event = step ?? kept.shift()
        if (event === undefined) continue
        if (step) {
          kept.push(event)
          density.add(event.kind, event.time)
        } else density.remove(event.kind, event.time)
        const { start, width, counts } = density.part()
        const expected = new Uint32Array(counts.length)
        for (const { kind, time } of kept) {
          const column = densityKinds.indexOf(kind)
          const bucket = Math.floor((time - start) / width)
          expected[bucket * densityKinds.length + (column < 0 ? densityKinds.length - 1 : column)]++
        }
        assert.deepEqual(counts, expected)
        const buckets = counts.length / densityKinds.length
        assert.ok(buckets <= 8)
        const total = (at: number) =>
          counts.subarray(at * densityKinds.length).subarray(0, densityKinds.length)
        if (buckets > 0) {
          assert.ok(total(0).some((count) => count > 0))
          assert.ok(total(buckets - 1).some((count) => count > 0))
        }
        assert.equal(buckets === 0, kept.length === 0)
      }
    }),
  )
})

test('a bucket is as narrow as the range permits', () => {
  const density = new Density(8, 10)
  for (let time = 0; time < 80; time++) density.add('process_exec', time)
  assert.equal(density.part().width, 10)
  density.add('process_exec', 80)
  assert.equal(density.part().width, 20)
})
