import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseArguments } from './arguments.ts'

describe('parseArguments', () => {
  it('takes all kernels when nothing is named', () => {
    const options = parseArguments([])
    assert.deepEqual(options?.targets, ['5.10', '6.1', '6.12', '7'])
    assert.deepEqual([options.strict, options.full, options.only], [false, false, undefined])
    assert.ok(options.jobs >= 1 && options.jobs <= 4)
  })

  it('takes targets and options in any order, each target once', () => {
    const options = parseArguments(['--only', 'boot', 'host', '6.1', '--jobs', '3', 'host'])
    const chosen = { targets: ['host', '6.1'], only: 'boot', strict: false, full: false, jobs: 3 }
    assert.deepEqual(options, chosen)
    assert.equal(parseArguments(['--full'])?.full, true)
    assert.equal(parseArguments(['--strict', '7'])?.strict, true)
  })

  it('leaves half of the processors to this machine beside one kernel', () => {
    const jobs = (...words: string[]) => parseArguments(words)?.jobs
    assert.equal(jobs('host', '6.12'), Math.ceil(jobs('6.12')! / 2))
    assert.equal(jobs('host', '6.12', '7'), jobs('6.12'))
    assert.equal(jobs('host', '6.12', '--jobs', '4'), 4)
  })

  it('knows when help is wanted', () => {
    assert.equal(parseArguments(['6.1', '--help']), undefined)
  })

  for (const words of [['4.19'], ['--fast'], ['--only'], ['--jobs', '0'], ['--jobs', 'two']]) {
    it(`refuses ${words.join(' ')}`, () => {
      assert.throws(() => parseArguments(words), { code: 'ARGUMENT' })
    })
  }
})
