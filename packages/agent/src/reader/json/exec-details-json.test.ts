import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isWatched, variableSize } from '@tetragon-ts/sensors/records/watched-variables'
import fc from 'fast-check'
import { ByteWriter } from '../../bytes/byte-writer.ts'
import {
  type ExecDetails,
  noDetails,
  writeArgv,
  writeEnvironmentNames,
} from './exec-details-json.ts'
import { wholeText } from './process-json.ts'

function write(details: Partial<ExecDetails>): Record<string, unknown> {
  const out = new ByteWriter()
  out.latin1('{"before":0')
  writeArgv(out, { ...noDetails, ...details })
  writeEnvironmentNames(out, { ...noDetails, ...details })
  out.latin1('}')
  const { before, ...members } = JSON.parse(out.bytes.toString('utf8', 0, out.length))
  return members
}

const vector = (args: readonly string[]) =>
  wholeText(Buffer.from(args.map((each) => `${each}\0`).join('')))

describe('argv', () => {
  it('has the arguments as they are', () => {
    const argument = fc
      .string({ unit: 'binary', maxLength: 20 })
      .map((value) => value.replaceAll('\0', ''))
    fc.assert(
      fc.property(fc.array(argument, { minLength: 1 }), (argv) => {
        assert.deepEqual(write({ argv: vector(argv) }), { argv })
      }),
    )
  })

  it('is omitted where there is none', () => {
    assert.deepEqual(write({}), {})
  })

  it('has whole arguments only', () => {
    const [fits, last] = ['x'.repeat(16_380), 'y']
    assert.deepEqual(write({ argv: vector([fits, last]) }), { argv: [fits, last] })
    const argv_truncated = true
    assert.deepEqual(write({ argv: vector([fits, 'yy']) }), { argv: [fits], argv_truncated })
    assert.deepEqual(write({ argv: vector(['x'.repeat(20_000)]) }), { argv_truncated })
  })

  it('says that the kernel has not sent all', () => {
    const sent = { argv: vector(['a']), isArgvCut: true }
    assert.deepEqual(write(sent), { argv: ['a'], argv_truncated: true })
  })
})

/** Pieces as the kernel sends them: the rest of a piece is what was in memory before. */
function pieces(...variables: readonly string[]) {
  const bytes = Buffer.alloc(variables.length * variableSize, 'A')
  for (const [i, text] of variables.entries()) {
    bytes.write(`${text}\0`.slice(0, variableSize), i * variableSize, 'latin1')
  }
  return { variables: wholeText(bytes) }
}

describe('environment names', () => {
  it('are those of watched variables, each once, without values', () => {
    const given = ['LD_PRELOAD=x', 'LD_PRELOADED=x', 'HISTX=', 'LD_PRELOAD=y', 'NODE_VERSION=1']
    assert.deepEqual(write(pieces(...given)), { environment_names: ['LD_PRELOAD', 'HISTX'] })
  })

  it('are not those of entries without a value', () => {
    assert.deepEqual(write(pieces('LD_PRELOAD', '', 'ENV')), {})
  })

  it('are cut off where they are longer than a piece', () => {
    const name = `BASH_FUNC_${'x'.repeat(40)}`
    const shown = name.slice(0, variableSize)
    assert.deepEqual(write(pieces(`${name}=1`)), { environment_names: [shown] })
  })

  it('are JSON whatever their bytes are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const { environment_names = [] } = write(pieces(`HIST${text}=`))
        assert.ok((environment_names as string[]).every(isWatched))
      }),
    )
  })

  it('say that some were not looked at', () => {
    const members = { environment_names_truncated: true }
    assert.deepEqual(write({ areVariablesCut: true }), members)
  })
})
