import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseArguments } from './arguments.ts'

describe('parseArguments', () => {
  it('takes all kernels when nothing is named', () => {
    assert.deepEqual(parseArguments([]), {
      targets: ['5.10', '6.1', '6.12', '7'],
      strict: false,
      jobs: 1,
    })
  })

  it('takes targets and options in any order, each target once', () => {
    const options = parseArguments(['--only', 'boot', 'host', '6.1', '--jobs', '2', 'host'])
    assert.deepEqual(options, { targets: ['host', '6.1'], only: 'boot', strict: false, jobs: 2 })
    assert.equal(parseArguments(['--strict', '7'])?.strict, true)
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
