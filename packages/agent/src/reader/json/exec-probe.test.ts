import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isExecProbe } from './exec-probe.ts'

const image = (binary: string, args: string): string =>
  `,"cwd":"/","binary":${JSON.stringify(binary)},"arguments":${JSON.stringify(args)}`

it('a process with the command of a probe may be a probe', () => {
  const probes = [
    { binary: 'cat', arguments: '/tmp/healthy' },
    { binary: '/bin/sh', arguments: '-c "exit 0"' },
    { binary: './check', arguments: '' },
  ]
  assert.ok(isExecProbe(image('/bin/cat', '/tmp/healthy'), probes))
  assert.ok(isExecProbe(image('/bin/sh', '-c "exit 0"'), probes))
  assert.ok(isExecProbe(',"cwd":"/app","binary":"/app/check"', probes))
  assert.ok(!isExecProbe(image('/bin/cat', '/tmp/other'), probes))
  assert.ok(!isExecProbe(image('/bin/bobcat', '/tmp/healthy'), probes))
  assert.ok(!isExecProbe(image('/bin/cat', '/tmp/healthy'), []))
})
