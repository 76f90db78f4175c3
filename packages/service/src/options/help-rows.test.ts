import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nameWidthOf, optionRows } from './help-rows.ts'
import { duration } from './numbers.ts'
import { choice, flag, list, optionalChoice, text } from './option.ts'

const modes = ['enforce', 'monitor'] as const

describe('help', () => {
  it('has choices and defaults', () => {
    const options = {
      format: choice({ short: 'o', choices: ['text', 'json'], default: 'text', help: 'Format' }),
      mode: optionalChoice({ value: 'MODE', choices: modes, help: 'Mode' }),
      wait: duration({ default: '2s', help: 'Time to wait' }),
      all: flag({ help: 'Everything' }),
    }
    const rows = optionRows(options, nameWidthOf(options))
    assert.equal(
      rows,
      '  -o, --format VALUE  Format (text, json; default text)\n' +
        '      --mode MODE     Mode (enforce, monitor)\n' +
        '      --wait TIME     Time to wait (default 2s)\n' +
        '      --all           Everything\n',
    )
  })

  it('omits hidden options, those without effect, and the choices of lists', () => {
    const options = {
      types: list({ choices: modes, help: 'Types' }),
      old: text({ hidden: true, help: 'Not used' }),
      odd: text({ noEffect: 'it is not needed', help: 'Not used' }),
    }
    assert.equal(optionRows(options, nameWidthOf(options)), '      --types VALUE  Types\n')
  })

  it('is at most 100 columns wide', () => {
    const long = 'word '.repeat(60).trim()
    const options = { ['name'.repeat(12)]: text({ help: long }), a: text({ help: long }) }
    const lines = optionRows(options).split('\n')
    for (const line of lines) assert.ok(line.length <= 100, line)
    assert.equal(lines[1].search(/\S/), nameWidthOf(options))
  })
})
