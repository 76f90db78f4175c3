import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Filter } from '@tetragon-ts/api'
import { compileRegExp } from '../regexp/regexp.ts'
import { requestSize, requestSizeMax } from './filter-size.ts'
import { compileFilterLists, prepareFilters } from './filters.ts'

const paths = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `^/usr/bin/program-${from + i}$`)

describe('the size of a request', () => {
  it('is about the number of instructions', () => {
    assert.equal(requestSize({}), 0)
    const one = requestSize({ allow_list: [{ binary_regex: paths(1) }] })
    const thousand = requestSize({ deny_list: [{ arguments_regex: paths(1000) }] })
    assert.ok(one > 20 && one < 60, `${one}`)
    assert.ok(thousand > 900 * (one - 8) && thousand <= requestSizeMax)
  })

  for (const [what, filter] of [
    ['patterns', { binary_regex: paths(20_000) }],
    ['repetitions', { arguments_regex: Array.from({ length: 20 }, (_, i) => `a{1,1000}${i}`) }],
    ['expressions', { cel_expression: Array.from({ length: 2000 }, (_, i) => `${i} == 1`) }],
    ['selectors', { labels: Array.from({ length: 5000 }, (_, i) => `a=${i}`) }],
    ['numbers', { pid: Array.from({ length: 50_000 }, (_, i) => i) }],
    ['names', { policy_names: Array.from({ length: 50_000 }, (_, i) => `${i}`) }],
    ['capabilities', { capabilities: { permitted: { any: Array(50_000).fill('CAP_KILL') } } }],
  ] as const satisfies readonly (readonly [string, Filter])[]) {
    it(`with too many ${what} is refused without compiling any`, () => {
      const field = Object.keys(filter)[0]
      for (const list of ['allow_list', 'deny_list'] as const) {
        assert.throws(() => requestSize({ [list]: [filter] }), {
          code: 'invalid_filter',
          message: new RegExp(`more than 32768 instructions \\(${field}\\); join patterns, or use`),
        })
      }
    })
  }

  it('also counts filters and field filters', () => {
    const empty = Array<Filter>(5000).fill({})
    assert.throws(() => requestSize({ allow_list: empty }), /\(filters\)/)
    const fields = Array(2000).fill({ fields: 'process.binary' })
    assert.throws(() => requestSize({ field_filters: fields }), /\(field_filters\)/)
  })

  it('of the largest accepted request is compiled in slices', async () => {
    const filter = { binary_regex: paths(500), arguments_regex: paths(300, 500) }
    requestSize({ allow_list: [filter] })
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const parts = await prepareFilters([filter])
    clearInterval(timer)
    assert.ok(turns > 0)
    const compiled = parts.pattern(paths(1)[0])
    assert.equal(parts.pattern(paths(1)[0]), compiled)
    const { match } = compileFilterLists([filter], [], parts)
    const subject = { key: 'process_exec', response: {} } as const
    const process = { binary: '/usr/bin/program-7', arguments: '/usr/bin/program-555' }
    assert.ok(match({ ...subject, process }))
    assert.ok(!match({ ...subject, process: { binary: '/bin/sh' } }))
  })

  it('ignores errors: they are found when the filter is compiled', async () => {
    const filter = { binary_regex: ['(', 'b'] }
    const parts = await prepareFilters([filter])
    assert.throws(() => compileFilterLists([filter], [], parts), /missing \)|regular expression/)
    assert.throws(() => compileRegExp('('))
  })
})
