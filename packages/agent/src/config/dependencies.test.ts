import assert from 'node:assert/strict'
import { test } from 'node:test'
import { options } from './families/index.ts'
import { requestOf } from './options.ts'

function noticesOf(...argv: string[]): readonly string[] {
  const request = requestOf(argv, {}, [])
  assert.equal(request.kind, 'run')
  return request.kind === 'run' ? request.notices : []
}

test('an option that other options make ineffective is a warning with the reason', () => {
  for (const [argv, ...others] of [
    [['--filter-environment-variables=A'], '--enable-process-environment-variables'],
    [['--export-file-perm=640'], '--export-filename=/a'],
    [['--export-file-max-backups=1'], '--export-filename=/a'],
    [['--export-aggregation-window-size=1s'], '--enable-export-aggregation'],
    [['--enable-msg-handling-latency'], '--metrics-server=:2112'],
    [['--enable-msg-handling-latency'], '--metrics-output=a=otlp://b'],
    [['--persist-grpc-policies-dir=/a'], '--persist-grpc-policies'],
    [['--server-allow-plaintext'], '--server-address=:54321'],
    [['--enable-tracing-policy-crd=false'], '--enable-k8s-api'],
    [['--cri-endpoint=/a'], '--enable-cri'],
    [['--enable-pod-annotations'], '--enable-cri'],
    [['--enable-pod-annotations'], '--enable-k8s-api'],
    [['--server-tls-cert-file=/a', '--server-tls-key-file=/a'], '--server-address=localhost:54321'],
  ] as const) {
    const alone = noticesOf(...argv)
    assert.equal(alone.length, argv.length, argv.join(' '))
    for (const notice of alone) assert.match(notice, /^--\S+ has no effect: /)
    assert.deepEqual(noticesOf(...argv, ...others), [], `${argv} ${others}`)
  }
  assert.match(
    noticesOf('--export-filename=/a', '--export-rate-limit=0')[0],
    /--export-filename has no effect: --export-rate-limit=0 exports nothing$/,
  )
  for (const option of [
    '--export-denylist={"binary_regex":["a"]}',
    '--export-allowlist={"binary_regex":["a"]}',
    '--enable-export-aggregation',
  ]) {
    assert.equal(noticesOf(option, '--export-rate-limit=0').length, 1, option)
    assert.deepEqual(noticesOf(option), [])
  }
  const interval = ['--health-server-interval=1', '--server-address=']
  assert.match(noticesOf(...interval)[0], /has no effect: no server serves the health$/)
  assert.deepEqual(noticesOf(...interval, '--health-server-address=:6789'), [])
  assert.deepEqual(noticesOf(interval[0]), [])
  assert.equal(noticesOf('--server-address=', '--persist-grpc-policies').length, 1)
})

test('a list item without effect is a warning', () => {
  assert.match(noticesOf('--enable-ancestors=base,kprob')[0], /unknown kind kprob$/)
  assert.deepEqual(noticesOf('--enable-ancestors=base,kprobe,lsm,uprobe,usdt,loader'), [])
  const metrics = '--metrics-server=:2112'
  assert.match(noticesOf(metrics, '--metrics-label-filter=bin')[0], /unknown label bin$/)
  const workload = '--metrics-label-filter=pod,workload'
  assert.match(noticesOf(metrics, workload)[0], /workload requires --enable-k8s-api$/)
  assert.deepEqual(noticesOf(metrics, workload, '--enable-k8s-api'), [])
  const binary = '--metrics-label-filter=binary'
  assert.deepEqual(noticesOf(metrics, binary), [])
  const uncounted = noticesOf(metrics, binary, '--enable-event-metrics=false')
  assert.match(uncounted[0], /no effect: it requires --enable-event-metrics$/)
})

test('options with default values never cause warnings', () => {
  for (const [name, { kind, default: initial, commandLineOnly }] of options) {
    if (commandLineOnly === true || kind === 'list') continue
    assert.deepEqual(noticesOf(`--${name}=${initial}`), [], name)
  }
})
