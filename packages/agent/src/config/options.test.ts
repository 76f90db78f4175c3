import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AgentOptions } from '../agent.ts'
import { AgentError } from '../error.ts'
import { helpText, parseOptions } from './options.ts'
import { parseSize, ringSizeOf } from './size.ts'

function runOptions(argv: string[], env: NodeJS.ProcessEnv = {}): AgentOptions {
  const request = parseOptions(argv, env)
  assert.equal(request.kind, 'run')
  return (request as { options: AgentOptions }).options
}

const isOptionError = (error: unknown) =>
  error instanceof AgentError && error.code === 'AGENT_OPTION'

describe('options', () => {
  it('have defaults', () => {
    const options = runOptions([])
    assert.deepEqual(options.sink, { kind: 'stdout' })
    assert.equal(options.nodeName, hostname())
    assert.equal(options.procfs, '/proc')
    assert.equal(options.btf, '/sys/kernel/btf/vmlinux')
    assert.equal(options.ringSize, 16 * 2 ** 20)
    assert.equal(options.environment, false)
    assert.equal(options.pidFile, '/var/run/tetragon/tetragon.pid')
  })

  it('are read', () => {
    const options = runOptions([
      ...['--export-filename', '/x', '--export-file-perm=640', '--rb-size-total', '5M'],
      ...['--procfs', '/host/proc/', '--enable-process-environment-variables'],
    ])
    assert.deepEqual(options.sink, { kind: 'file', path: '/x', mode: 0o640 })
    assert.equal(options.ringSize, 8 * 2 ** 20)
    assert.equal(options.procfs, '/host/proc')
    assert.equal(options.environment, true)
  })

  it('take the node’s name from the environment', () => {
    assert.equal(runOptions([], { NODE_NAME: 'node' }).nodeName, 'node')
    assert.equal(
      runOptions([], { NODE_NAME: 'node', HUBBLE_NODE_NAME: 'hubble' }).nodeName,
      'hubble',
    )
    assert.equal(runOptions([], { HUBBLE_NODE_NAME: '' }).nodeName, hostname())
  })

  it('ask for help or the version', () => {
    assert.equal(parseOptions(['--help'], {}).kind, 'help')
    assert.equal(parseOptions(['-h'], {}).kind, 'help')
    assert.equal(parseOptions(['--version'], {}).kind, 'version')
  })

  for (const argv of [
    ['--nonsense'],
    ['positional'],
    ['--btf'],
    ['--export-file-perm', '888'],
    ['--export-file-perm', '07777'],
    ['--rb-size-total', '-1'],
    ['--rb-size-total', '12X'],
  ]) {
    it(`refuse ${argv.join(' ')}`, () => {
      assert.throws(() => parseOptions(argv, {}), isOptionError)
    })
  }

  it('throw nothing but their own error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--btf', '--', '-', '--=', '-h'))),
        (argv) => {
          try {
            parseOptions(argv, {})
          } catch (error) {
            if (!isOptionError(error)) throw error
          }
        },
      ),
    )
  })

  it('stand in the help, one a line that fits', () => {
    const help = helpText()
    for (const name of ['export-filename', 'rb-size-total', 'btf', 'pid-file', 'help', 'version']) {
      assert.match(help, new RegExp(`^ .*--${name}\\b`, 'm'))
    }
  })
})

describe('sizes', () => {
  it('have units', () => {
    for (const [text, bytes] of [
      ['0', 0],
      ['123', 123],
      ['4K', 4096],
      ['4k', 4096],
      ['16M', 2 ** 24],
      ['2G', 2 ** 31],
    ] as const) {
      assert.equal(parseSize('size', text), bytes)
    }
  })

  it('refuse what is none', () => {
    for (const text of ['', ' 1', '1 M', '1MB', '-1', '1.5M', '99999999999999999999', 'M']) {
      assert.throws(() => parseSize('size', text), isOptionError)
    }
  })

  it('of rings are powers of two of at least a page', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 30), (bytes) => {
        const size = ringSizeOf(bytes, 4096)
        assert.ok(size >= bytes && size >= 4096 && Number.isInteger(Math.log2(size)))
        assert.ok(size === 4096 || size / 2 < bytes)
      }),
    )
  })
})
