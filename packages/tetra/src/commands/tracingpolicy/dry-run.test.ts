import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runTetra } from '../../testing/run-tetra.ts'

const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: no-tmp}
spec:
  kprobes:
  - call: security_bprm_check
    syscall: false
    args: [{index: 0, type: linux_binprm}]
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: [/tmp/]}]
      matchActions: [{action: Sigkill}]
  - call: security_file_open
    syscall: false
    args: [{index: 0, type: file}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: [/etc/shadow]}]
`

function exec(binary: string, pod?: object): string {
  const process = { pid: 5, binary, flags: 'execve clone', ...(pod && { pod }) }
  return `${JSON.stringify({ process_exec: { process }, node_name: 'n' })}\n`
}

const log = [
  exec('/usr/bin/true'),
  exec('/tmp/\u001b[31mx', { namespace: 'web', name: 'a' }),
  'not JSON\n',
].join('')

describe('tetra tracingpolicy add --dry-run', () => {
  let folder: string
  let file: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tetra-'))
    file = join(folder, 'policy.yaml')
    writeFileSync(file, policy)
  })
  after(() => rmSync(folder, { recursive: true }))
  const dryRun = (...argv: string[]) => runTetra(['tp', 'add', '--dry-run', ...argv], log)

  it('shows calls, hits and programs, and needs no agent', async () => {
    const { out, err, code } = await dryRun(file, '--against', '-')
    assert.equal(
      out,
      `dry run of tracing policy "no-tmp" on 2 events of <stdin>

HOOK                                  RECORDED BY    CALLS   HITS   UNDECIDED
spec.kprobes[0] security_bprm_check   process_exec       2      1           0
spec.kprobes[1] security_file_open    -                  0      0           0

HITS   PROCESS          POD     ACTIONS   HOOK
   1   /tmp/\\x1b[31mx   web/a   Sigkill   security_bprm_check

assumed: programs were not started by links to them

Hooks without calls are not in the log. Record them first: load the policy with --mode monitor.
`,
    )
    assert.match(err, /^tetra: skipped 1 line without valid event JSON/)
    assert.equal(code, 0)
    const monitored = await dryRun(file, '--against', '-', '-m', 'monitor')
    assert.match(monitored.out, /\nmode monitor: enforcing actions would not be executed\n/)
  })

  it('refuses policies with errors, missing logs and options that make no sense', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), policy.replace('Prefix', 'Prefixx'))
    const wrong = await dryRun(join(folder, 'wrong.yaml'), '--against', '-')
    assert.match(wrong.err, /wrong.yaml:10:\d+: error: .*did you mean "Prefix"/)
    assert.deepEqual([wrong.out, wrong.code], ['', 1])
    const none = await dryRun(file, '--against', '/nowhere.log')
    assert.match(none.err, /^tetra: read log: ENOENT.*\/nowhere.log/)
    assert.equal(none.code, 1)
    const twice = await dryRun('-', '--against', '-')
    assert.match(twice.err, /standard input cannot be both the policy and the log/)
    const alone = await runTetra(['tp', 'add', file, '--against', '-'])
    assert.match(alone.err, /--against requires --dry-run/)
  })
})
