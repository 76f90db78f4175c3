import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import { type EnvironmentRules, writeEnvironment } from './environment-json.ts'

function write(text: string): unknown {
  const bytes = Buffer.from(text)
  const out = new ByteWriter()
  writeEnvironment(out, bytes, 0, bytes.length)
  const written = out.bytes.toString('utf8', 0, out.length)
  if (written === '') return undefined
  return JSON.parse(`{"before":0${written}}`).environment_variables
}

it('splits names and values at the first equals sign', () => {
  assert.deepEqual(write('A=1\0B=x=y\0C=\0=d\0'), [
    { Key: 'A', Value: '1' },
    { Key: 'B', Value: 'x=y' },
    { Key: 'C', Value: '' },
    { Key: '', Value: 'd' },
  ])
})

it('marks invalid variables', () => {
  assert.deepEqual(write('text\0\0A=1'), [
    { Key: 'invalid', Value: 'text' },
    { Key: 'invalid', Value: '' },
    { Key: 'A', Value: '1' },
  ])
})

it('writes nothing for an empty environment', () => {
  assert.equal(write(''), undefined)
})

it('keeps any text', () => {
  const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''))
  const variable = fc
    .tuple(
      text.map((key) => key.replaceAll('=', '')),
      text,
    )
    .map(([Key, Value]) => ({ Key, Value }))
  fc.assert(
    fc.property(fc.array(variable, { minLength: 1 }), (variables) => {
      const block = variables.map(({ Key, Value }) => `${Key}=${Value}\0`).join('')
      assert.deepEqual(write(block), variables)
    }),
  )
})

it('shows only the selected variables', () => {
  const bytes = Buffer.from('PATH=/bin\0TOKEN=secret\0ä=x\0invalid\0')
  const show = (rules: EnvironmentRules) => {
    const out = new ByteWriter()
    writeEnvironment(out, bytes, 0, bytes.length, rules)
    const json = out.bytes.toString('utf8', 0, out.length)
    return json && JSON.parse(`{"before":0${json}}`).environment_variables
  }
  const ä = { Key: 'ä', Value: 'x' }
  assert.deepEqual(show({ names: new Set(['ä', 'no']) }), [ä])
  assert.equal(show({ names: new Set() }), '')
  const redact = (text: string) => text.replace('secret', '*****').replace('ä=x', 'ä=🚀')
  assert.deepEqual(show({ redact, names: new Set(['ä', 'TOKEN']) }), [
    { Key: 'TOKEN', Value: '*****' },
    { Key: 'ä', Value: '🚀' },
  ])
})
