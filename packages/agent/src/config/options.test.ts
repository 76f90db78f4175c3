import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parse } from 'yaml'
import { defaultRoles } from '../endpoints/grpc/clients/client-pattern.ts'
import { AgentError } from '../error.ts'
import type { AgentOptions } from './agent-options.ts'
import { options } from './families/index.ts'
import { helpText } from './help.ts'
import { optionDocs } from './option-docs.ts'
import { requestOf } from './options.ts'

function runOptions(argv: string[], env: NodeJS.ProcessEnv = {}): AgentOptions {
  const request = requestOf(argv, env, [])
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
    assert.deepEqual(options.sink, {
      kind: 'file',
      path: '/x',
      mode: 0o640,
      rotation: { maxSize: 10 * 2 ** 20, interval: 0, maxBackups: 5, compress: false },
    })
    assert.equal(options.ringSize, 8 * 2 ** 20)
    assert.equal(options.procfs, '/host/proc')
    assert.equal(options.environment, true)
  })

  it('set the limits of incomplete events', () => {
    const waiting = (...argv: string[]) => runOptions(argv).waiting
    assert.equal(waiting()?.calls, 16_384)
    assert.ok((waiting()?.values ?? 0) >= 64)
    const given = ['--data-cache-size', '1K', '--retprobes-cache-size=4096']
    assert.deepEqual(waiting(...given), { values: 1024, calls: 4096 })
    for (const bad of [
      '--data-cache-size=1M',
      '--retprobes-cache-size=2M',
      '--data-cache-size=-1',
    ]) {
      assert.throws(() => waiting(bad), { code: 'AGENT_OPTION' })
    }
  })

  it('select what is exported', () => {
    assert.equal(runOptions(['--export-rate-limit=-1']).export, undefined)
    assert.deepEqual(runOptions(['--export-filename=/x', '--export-rate-limit=0']).sink, {
      kind: 'none',
    })
    const filters = '{"pid":[1]}\n{"event_set":["PROCESS_EXEC"]}'
    const options = runOptions([
      ...['--export-allowlist', filters, '--export-rate-limit=7', '--enable-export-aggregation'],
      ...['--redaction-filters={"redact":["(a)"]}', '--filter-environment-variables=A,B'],
    ])
    assert.deepEqual(options.export, {
      allow: [{ pid: [1] }, { event_set: ['PROCESS_EXEC'] }],
      deny: [],
      fieldFilters: [],
      hasExtensions: true,
      rateLimit: 7,
      aggregation: { windowMs: 15_000, limit: 10_000 },
    })
    const strict = runOptions(['--export-extension-fields=false']).export
    assert.equal(strict?.hasExtensions, false)
    assert.deepEqual(options.redaction, [{ redact: ['(a)'] }])
    assert.deepEqual(options.variables, ['A', 'B'])
  })

  it('set the rotation of the export file', () => {
    const rotation = (...argv: string[]) => {
      const { sink } = runOptions(['--export-filename', '/x', ...argv])
      return sink.kind === 'file' ? sink.rotation : undefined
    }
    const argv = ['--export-file-max-size-mb=2', '--export-file-rotation-interval=1m']
    assert.deepEqual(rotation(...argv, '--export-file-max-backups=0', '--export-file-compress'), {
      maxSize: 2 * 2 ** 20,
      interval: 60_000,
      maxBackups: 0,
      compress: true,
    })
    assert.equal(rotation('--export-file-max-size-mb=0')?.maxSize, 100 * 2 ** 20)
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
    assert.equal(requestOf(['--help'], {}, []).kind, 'help')
    assert.equal(requestOf(['-h'], {}, []).kind, 'help')
    assert.equal(requestOf(['--version'], {}, []).kind, 'version')
    assert.equal(requestOf(['--generate-docs'], {}, []).kind, 'docs')
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
      assert.throws(() => requestOf(argv, {}, []), isOptionError)
    })
  }

  it('that are misspelt are reported with the nearest name', () => {
    const message = /unknown option --export-filname; did you mean "--export-filename"\?/
    assert.throws(() => requestOf(['--export-filname', 'x'], {}, []), { message })
  })

  it('that are switches take true and false', () => {
    const name = '--enable-process-environment-variables'
    assert.equal(runOptions([`${name}=true`]).environment, true)
    assert.equal(runOptions([name, `${name}=false`]).environment, false)
    assert.throws(() => requestOf([`${name}=maybe`], {}, []), isOptionError)
  })

  it('that are lists can be repeated', () => {
    const argv = ['--tracing-policy', 'a', '--tracing-policy=b,c', '--tracing-policy-dir=']
    const request = requestOf([...argv, '--tracing-policy-dir', ''], {}, [])
    assert.deepEqual(request.kind === 'run' && request.policies.paths, ['a', 'b', 'c'])
  })

  it('throw nothing but their own error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--btf', '--', '-', '--=', '-h'))),
        (argv) => {
          try {
            requestOf(argv, {}, [])
          } catch (error) {
            if (!isOptionError(error)) throw error
          }
        },
      ),
    )
  })

  it('are documented as YAML, each with its meaning', () => {
    const docs = parse(optionDocs()) as { options: { name: string; default_value?: string }[] }
    assert.deepEqual(
      docs.options.map(({ name }) => name),
      [...options.keys()],
    )
    const level = docs.options.find(({ name }) => name === 'log-level')
    assert.equal(level?.default_value, 'info')
  })

  it('are in the help, within its width', () => {
    const help = helpText()
    for (const [name, { noEffect }] of options) {
      const start = noEffect === undefined ? '^ .*--' : '^  .*'
      assert.match(help, new RegExp(`${start}${name}\\b`, 'm'))
    }
    for (const line of help.split('\n')) assert.ok(line.length <= 100, line)
  })
})

describe('options of the server', () => {
  const serverOptions = (...argv: string[]) => {
    const request = requestOf(argv, {}, [])
    assert.equal(request.kind, 'run')
    return request.kind === 'run' ? request.endpoints.grpc : undefined
  }
  const local = { kind: 'unix', path: '/run/t/tetragon.sock' }
  const tls = ['--server-tls-cert-file', 'c', '--server-tls-key-file', 'k']

  it('have defaults that are for this machine only', () => {
    assert.deepEqual(serverOptions('--pid-file', '/run/t/pid'), {
      addresses: [local],
      tls: undefined,
      roles: defaultRoles,
      allowPlaintext: false,
      healthIntervalMs: 10_000,
      eventQueueSize: 10_000,
      deprecatedCalls: false,
    })
    assert.equal(serverOptions('--server-address', ''), undefined)
  })

  it('are read', () => {
    const where = ['--pid-file', '/run/t/pid', '--server-address', 'node:7']
    const more = ['--event-queue-size', '5', '--enable-deprecated-tracingpolicy-grpc']
    const cas = ['--server-tls-client-ca-files', 'a,b', '--server-tls-require-client-cert']
    assert.deepEqual(serverOptions(...where, ...tls, ...more, ...cas), {
      addresses: [{ kind: 'tcp', host: 'node', port: 7 }, local],
      tls: { certificate: 'c', key: 'k', clientCas: ['a', 'b'], requireClientCertificate: true },
      roles: defaultRoles,
      allowPlaintext: false,
      healthIntervalMs: 10_000,
      eventQueueSize: 5,
      deprecatedCalls: true,
    })
    const roles = serverOptions(
      '--server-change-clients=uid=0,cn=ops',
      '--server-read-clients=gid=4',
    )
    assert.deepEqual(roles?.roles, {
      read: [{ kind: 'gid', id: 4 }],
      change: [
        { kind: 'uid', id: 0 },
        { kind: 'cn', name: 'ops' },
      ],
    })
    const unix = serverOptions('--server-address', 'unix:///x')
    assert.deepEqual(unix?.addresses, [{ kind: 'unix', path: '/x' }])
  })

  it('set the health address, also without a server', () => {
    const healthOptions = (...argv: string[]) => {
      const request = requestOf(argv, {}, [])
      return request.kind === 'run' ? request.endpoints.health : undefined
    }
    assert.equal(healthOptions(), undefined)
    assert.equal(healthOptions('--health-server-address', ''), undefined)
    const address = { kind: 'tcp', host: '', port: 6789 }
    const alone = ['--server-address', '', '--health-server-address', ':6789']
    assert.deepEqual(healthOptions(...alone), { address, intervalMs: 10_000 })
    const often = ['--health-server-interval', '1']
    assert.deepEqual(healthOptions(...alone, ...often), { address, intervalMs: 1000 })
  })

  it('set the folder for policies of clients', () => {
    const folder = (...argv: string[]) => {
      const request = requestOf(['--pid-file', '/run/t/pid', ...argv], {}, [])
      return request.kind === 'run' ? request.policies.grpcFolder : undefined
    }
    assert.equal(folder(), undefined)
    assert.equal(folder('--persist-grpc-policies'), '/run/t/grpc-policies')
    assert.equal(folder('--persist-grpc-policies', '--persist-grpc-policies-dir', '/x'), '/x')
    assert.equal(folder('--persist-grpc-policies', '--server-address', ''), undefined)
  })

  for (const argv of [
    ['--server-address', 'a:b'],
    ['--server-tls-cert-file', 'c'],
    ['--server-tls-key-file', 'k'],
    ['--server-tls-client-ca-files', 'c'],
    [...tls, '--server-tls-require-client-cert'],
    ['--server-change-clients', 'uid=root'],
    ['--server-read-clients', 'everyone'],
    ['--event-queue-size', '0'],
    ['--event-queue-size', 'many'],
    ['--health-server-address', '::'],
    ['--log-level', 'loud'],
  ]) {
    it(`refuse ${argv.join(' ')}`, () => {
      assert.throws(() => requestOf(argv, {}, []), isOptionError)
    })
  }

  it('count events for metrics that are pushed', () => {
    const output = 'otel=otlp://collector:4317'
    const request = requestOf(['--metrics-output', output], {}, [])
    assert.ok(request.kind === 'run')
    assert.deepEqual([request.endpoints.metrics, request.endpoints.push], [undefined, [output]])
    assert.ok(request.options.counting)
    const none = requestOf([], {}, [])
    assert.ok(none.kind === 'run' && none.endpoints.push === undefined && !none.options.counting)
    const twice = ['--metrics-output', output, '--metrics-output', 'otel=http://b']
    assert.throws(() => requestOf(twice, {}, []), /two metrics outputs have the name otel/)
    const wrong = ['--metrics-output', 'a=kafka://b']
    assert.throws(() => requestOf(wrong, {}, []), isOptionError)
  })

  it('include the level of the log', () => {
    const level = (...argv: string[]) => {
      const request = requestOf(argv, {}, [])
      return request.kind === 'run' ? request.log.level : undefined
    }
    assert.equal(level(), 'info')
    assert.equal(level('--log-level', 'warn'), 'warning')
    assert.equal(level('-d'), 'debug')
  })
})
