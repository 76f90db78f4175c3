import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choice, flag, list } from '@tetragon-ts/service/options'
import { parseOptions } from './parse-options.ts'
import { UsageError } from './usage-error.ts'

const options = {
  output: choice({
    short: 'o',
    value: 'F',
    default: 'json',
    choices: ['json', 'compact'],
    help: '',
  }),
  name: list({ short: 'n', value: 'N', aliases: ['names'], help: '' }),
  host: flag({ short: 'H', help: '' }),
  traces: flag({ short: 't', default: 'true', help: '' }),
} as const

function parse(...argv: string[]): object {
  const { values, operands, help } = parseOptions(argv, options)
  return { ...values, operands, help }
}

const initial = { output: 'json', name: [], host: false, traces: true, operands: [], help: false }

test('options are accepted in all their forms', () => {
  assert.deepEqual(parse(), initial)
  assert.deepEqual(parse('-o', 'compact'), { ...initial, output: 'compact' })
  assert.deepEqual(parse('-ocompact'), { ...initial, output: 'compact' })
  assert.deepEqual(parse('-o=compact'), { ...initial, output: 'compact' })
  assert.deepEqual(parse('--output=compact', '--output', 'json'), initial)
  assert.deepEqual(parse('-n', 'a,b', '--names=c'), { ...initial, name: ['a', 'b', 'c'] })
  assert.deepEqual(parse('-Hn', 'x', '--traces=false'), {
    ...initial,
    host: true,
    traces: false,
    name: ['x'],
  })
  assert.deepEqual(parse('a', '-H', '-', '--', '-H'), {
    ...initial,
    host: true,
    operands: ['a', '-', '-H'],
  })
  assert.deepEqual(parse('--help'), { ...initial, help: true })
  assert.deepEqual(parse('-n', '-H'), { ...initial, name: ['-H'] })
})

test('errors name the option and the nearest name', () => {
  const cases: [string[], string][] = [
    [['--outptu'], 'unknown option --outptu; did you mean "--output"?'],
    [['--hots=x'], 'unknown option --hots; did you mean "--host"?'],
    [['--zzzzzzz'], 'unknown option --zzzzzzz'],
    [['--__proto__'], 'unknown option --__proto__'],
    [['-Hx'], 'unknown option -x'],
    [['-o'], 'parse -o: missing value'],
    [['-o', 'jsn'], 'parse -o: invalid value "jsn" (expected json, compact); did you mean "json"?'],
    [['-n', ''], 'parse -n: empty value'],
    [['--name=a,,b'], 'parse --name: empty value in "a,,b"'],
    [['--name=a', '-n='], 'parse --name: empty value in "a,"'],
    [['--host=maybe'], 'parse --host: invalid value "maybe" (expected true or false)'],
  ]
  for (const [argv, message] of cases) {
    assert.throws(
      () => parse(...argv),
      (error) => {
        assert.ok(error instanceof UsageError)
        assert.equal(error.message, message)
        return true
      },
    )
  }
})
