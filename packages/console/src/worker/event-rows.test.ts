import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { eventRows } from './event-rows.ts'
import type { WantedRows } from './wanted-rows.ts'

const anyWanted: fc.Arbitrary<WantedRows> = fc.oneof(
  fc.record({ last: fc.nat(20) }),
  fc.record({ from: fc.nat(40), to: fc.nat(60) }),
  fc.record({ around: fc.nat(60), rows: fc.integer({ min: 1, max: 20 }) }),
)
/** Events arrive, a filter is set and applied in part, and the list is asked for. */
const anyStep = fc.oneof(
  fc.record({ add: fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 12 }) }),
  fc.record({ filter: fc.constantFrom('', 'a', 'b') }),
  fc.record({ see: anyWanted, behind: fc.nat(5) }),
)

test('rows and their number are of one answer, whatever happens between the requests', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 30 }),
      fc.integer({ min: 1, max: 40 }),
      (steps, max) => {
        const store = new EventStore(max, Number.POSITIVE_INFINITY)
        let last = -1
        for (const step of steps) {
          if ('add' in step) {
            for (const line of step.add) {
              const bytes = new Uint8Array(300_000)
              last = store.add({ time: 0, line, fields: {}, bytes })
            }
          } else if ('filter' in step) {
            store.filter(compileFilter(step.filter))
            store.filterUntil(() => true)
          } else {
            const until = last - step.behind
            const { from, rows, count } = eventRows(store, step.see, until)
            assert.equal(count, store.shownUpTo(until))
            const ids = rows.map(({ id }) => id)
            assert.deepEqual(
              ids,
              store.rows(from, from + ids.length).map(({ id }) => id),
            )
            assert.ok(ids.every((id) => id <= until) && from + ids.length <= Math.max(from, count))
            if ('last' in step.see) {
              assert.equal(ids.length, Math.min(step.see.last, count))
              assert.equal(from + ids.length, count)
            }
            if ('around' in step.see) {
              const { around, rows: wanted } = step.see
              const isShown = store.rows(0, count).some(({ id }) => id === around)
              assert.equal(ids.includes(Number(around)), isShown)
              assert.equal(ids.length, Math.min(wanted, count))
            }
          }
        }
      },
    ),
  )
})
