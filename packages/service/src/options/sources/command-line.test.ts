import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { integer } from '../numbers.ts'
import { flag, list, type Option, text } from '../option.ts'
import type { OptionTable } from '../option-table.ts'
import { readValues } from '../read-values.ts'
import { readArguments, readCommandLine } from './command-line.ts'

const options = {
  file: text({ short: 'f', aliases: ['path'], help: '' }),
  all: flag({ short: 'a', help: '' }),
  count: integer({ default: '1', min: 0, max: 9, help: '' }),
  names: list({ short: 'n', help: '' }),
  rules: list({ keepsCommas: true, help: '' }),
  pids: list({ each: Number, help: '' }),
  some: list({ omitsEmpty: true, help: '' }),
}

const table: OptionTable = {
  options: new Map<string, Option<unknown>>(Object.entries(options)),
  leftOut: new Map([['old', 'it is gone']]),
  advice: '; see --help',
  error: (message, rest) => new Error(message, rest),
}

function read(...argv: string[]): Record<string, unknown> {
  const { given, operands } = readArguments(table, argv)
  return { ...readValues(table, [given]), operands }
}

const initial = {
  file: '',
  all: false,
  count: 1,
  names: [],
  rules: [],
  pids: [],
  some: [],
  operands: [],
}

describe('a command line', () => {
  for (const [argv, expected] of [
    [[], {}],
    [['--file=a', '--path', 'b'], { file: 'b' }],
    [['-fa=b'], { file: 'a=b' }],
    [['-f=a'], { file: 'a' }],
    [['-f', '-a'], { file: '-a' }],
    [['-af', 'x', '-'], { all: true, file: 'x', operands: ['-'] }],
    [['-a=false'], {}],
    [['x', '--', '-a'], { operands: ['x', '-a'] }],
    [['-n', 'a,b', '-nc'], { names: ['a', 'b', 'c'] }],
    [['--some=a,,b', '--some='], { some: ['a', 'b'] }],
    [['--some='], {}],
    [['--rules=a,b', '--rules', 'c'], { rules: ['a,b', 'c'] }],
    [['--pids', '1,2', '--pids=3'], { pids: [1, 2, 3] }],
  ] as const) {
    it(`of ${argv.join(' ') || 'nothing'} is read`, () => {
      assert.deepEqual(read(...argv), { ...initial, ...expected })
    })
  }

  for (const [argv, message] of [
    [['--fiel'], 'unknown option --fiel; did you mean "--file"?; see --help'],
    [['--pth=x'], 'unknown option --pth; did you mean "--path"?; see --help'],
    [['-ax'], 'unknown option -x; see --help'],
    [['--old'], '--old is not supported: it is gone; see --help'],
    [['--__proto__'], 'unknown option --__proto__; see --help'],
    [['-f'], 'parse -f: missing value'],
    [['--names='], 'parse --names: empty value'],
    [['-n', 'a,,b'], 'parse -n: empty value in "a,,b"'],
    [['--count', '-1'], 'parse --count: invalid number "-1" (0 to 9)'],
    [['--all=maybe'], 'parse --all: invalid value "maybe" (expected true or false)'],
  ] as const) {
    it(`of ${argv.join(' ')} is refused`, () => {
      assert.throws(() => read(...argv), { message })
    })
  }

  it('without operands refuses them', () => {
    assert.throws(() => readCommandLine(table, ['-a', 'x']), {
      message: 'unexpected argument "x"; see --help',
    })
  })
})
