import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '../../workloads/index.ts'

const count = 500

let run: PolicyRun
before(async () => {
  run = await PolicyRun.start()
})
after(() => run?.stop())

it(`each call in one of ${count} containers that share a program is one event`, async () => {
  // The host has no file there.
  const path = join(run.folder, 'program')
  const lower = join(run.folder, 'lower')
  mkdirSync(join(lower, dirname(path)), { recursive: true })
  copyFileSync(await workload('probed'), join(lower, path))
  const root = join(run.folder, 'root')
  mkdirSync(root)
  // Each process is in an overlay, and waits for a byte.
  const container = `mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay none -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" "$1/root"
exec chroot "$1/root" "$0" wait -- six`
  const script = `exec 3<&0
for i in $(seq ${count}); do unshare --mount sh -ec "$3" "$0" "$1" "$2" <&3 & done
wait`
  const started = run.spawn('sh', ['-c', script, path, root, lower, container])
  const running = (): number =>
    run.events.filter(({ key, body }) => {
      return key === 'process_exec' && 'process' in body && body.process?.binary === path
    }).length
  while (running() < count) await sleep(10)
  const policy = await run.load(`
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: shared
spec:
  uprobes:
  - path: ${path}
    symbols: [takes_six]
`)
  const [hook] = policy.compiled.hooks
  assert.equal(policy.inodesOf(hook)?.length, 1)
  started.child.stdin?.end('x'.repeat(count))
  const events = await run.finish(started)
  assert.equal(events.length, count)
  await run.unload(policy)
})
