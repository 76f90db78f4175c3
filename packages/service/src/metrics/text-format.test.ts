import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { counter, gauge, histogram } from './metric.ts'
import { MetricTable } from './metric-table.ts'
import { parseMetrics } from './testing/parse-metrics.ts'
import { textOf } from './text-format.ts'

describe('the text format', () => {
  it('has all values of a metric together', () => {
    const table = new MetricTable()
    const a = counter('a_total', 'Counts a', 'x', 'y')
    const b = gauge('b', 'Is b')
    table.add(a, 1, ['p', 'q'])
    table.add(b, 0.5, [])
    table.add(a, 2, ['p', ''])
    assert.equal(
      textOf(table),
      '# HELP a_total Counts a\n# TYPE a_total counter\n' +
        'a_total{x="p",y="q"} 1\na_total{x="p"} 2\n' +
        '# HELP b Is b\n# TYPE b gauge\nb 0.5\n',
    )
  })

  it('accumulates the buckets of a histogram', () => {
    const table = new MetricTable()
    const h = histogram('h', 'How long', 'op')
    table.add(h, { bounds: [1, 10], counts: [3, 0, 2], sum: 50 }, ['5'])
    assert.deepEqual(textOf(table).split('\n').slice(2, -1), [
      'h_bucket{op="5",le="1"} 3',
      'h_bucket{op="5",le="10"} 3',
      'h_bucket{op="5",le="+Inf"} 5',
      'h_sum{op="5"} 50',
      'h_count{op="5"} 5',
    ])
  })

  it('has each series once, with the sum of what has the same labels', () => {
    const table = new MetricTable()
    const a = counter('a_total', 'Counts a', 'x', 'y')
    for (const [value, ...labels] of [
      [1, 'p', ''],
      [2, 'p', 'q'],
      [3, 'p', ''],
      [4, '', 'p'],
    ] as const) {
      table.add(a, value, labels)
    }
    const h = histogram('h', 'How long')
    table.add(h, { bounds: [1], counts: [3, 2], sum: 50 }, [])
    table.add(h, { bounds: [1], counts: [1, 0], sum: 0.5 }, [])
    const lines = textOf(table).split('\n')
    assert.deepEqual(
      lines.filter((line) => line !== '' && !line.startsWith('#')),
      [
        ...['a_total{x="p"} 4', 'a_total{x="p",y="q"} 2', 'a_total{y="p"} 4'],
        ...['h_bucket{le="1"} 4', 'h_bucket{le="+Inf"} 6', 'h_sum 50.5', 'h_count 6'],
      ],
    )
  })

  it('writes values that are not finite', () => {
    const table = new MetricTable()
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
    values.forEach((value, i) => {
      table.add(gauge(`v${i}`, ''), value, [])
    })
    const lines = textOf(table).split('\n')
    assert.deepEqual(
      lines.filter((line) => line.startsWith('v')),
      ['v0 +Inf', 'v1 -Inf', 'v2 NaN'],
    )
  })

  it('escapes any label value', () => {
    const metric = counter('m_total', 'a\\b\nc', 'first', 'second')
    const value = fc.string({ unit: 'binary', minLength: 1 })
    fc.assert(
      fc.property(value, value, (first, second) => {
        const table = new MetricTable()
        table.add(metric, 7, [first, second])
        assert.deepEqual(parseMetrics(textOf(table)), [
          { name: 'm_total', labels: { first, second }, value: 7 },
        ])
      }),
    )
  })
})
