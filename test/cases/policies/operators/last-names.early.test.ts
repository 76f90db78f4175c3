import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import type { ProcessKprobe } from '@tetragon-ts/api'

/** Names whose first bytes or lengths are alike. */
const names = [
  ...['a', 'ab', 'sevenby', 'eightbyt', 'eightbyT', 'eightbytes', 'eightbyteS', 'eightbytes-more'],
  ...['.hidden', 'with space', 'n'.repeat(255), `${'n'.repeat(254)}m`],
]

const policy = (paths: readonly string[]) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: names}
spec:
  kprobes:
  - call: fd_install
    syscall: false
    args: [{index: 0, type: int}, {index: 1, type: file}]
    selectors:
    - matchArgs: [{index: 1, operator: Equal, values: ${JSON.stringify(paths)}}]
`

// The last name of a file decides early whether its path is compared.
describe('files that a policy names', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
    for (const name of names) writeFileSync(join(run.folder, name), '')
  })
  after(() => run?.stop())

  const pathOf = (name: string) => join(run.folder, name)

  /** The paths of the events while a script runs, in order of their first one. */
  async function hits(paths: readonly string[], script: string, ...args: string[]) {
    const loaded = await run.load(policy(paths))
    try {
      const started = run.spawn('/bin/sh', ['-c', script, 'sh', ...args])
      const events = await run.finish(started)
      assert.equal(started.output, '')
      // The shell gives a file a second descriptor, which fd_install sees on most kernels.
      const found = events.map(({ body }) => (body as ProcessKprobe).args?.[1]?.file_arg?.path)
      return [...new Set(found)]
    } finally {
      await run.unload(loaded)
    }
  }
  const openAll = 'for file; do exec 5<"$file"; done'
  const others = Array.from({ length: 40 }, (_, i) => `/none/other-${i}`)

  for (const [what, more] of [
    ['a few', [] as string[]],
    ['many', others],
  ] as const) {
    it(`are found among ${what}, and no others`, async () => {
      const all = names.map(pathOf)
      for (const listed of [all.filter((_, i) => i % 2 === 0), all.filter((_, i) => i % 2 === 1)]) {
        assert.deepEqual(await hits([...listed, ...more], openAll, ...all), listed)
      }
    })
  }

  it('are found where another file is mounted at their path', async () => {
    const [at, other] = [pathOf('a'), pathOf('sevenby')]
    const mount = `mount --bind "$2" "$1"; ${openAll}`
    const script = `exec unshare -m sh -c '${mount}' sh "$@"`
    assert.deepEqual(await hits([at, ...others], script, at, other), [at])
  })

  it('are found if they are the root', async () => {
    assert.deepEqual(await hits(['/'], openAll, '/', pathOf('a')), ['/'])
    const inRoot = ['/', pathOf('a'), ...others]
    assert.deepEqual(await hits(inRoot, openAll, '/', pathOf('a'), pathOf('ab')), [
      '/',
      pathOf('a'),
    ])
  })

  it('are found after they were removed', async () => {
    const path = pathOf('.hidden')
    const script = 'exec 5<"$1"; rm "$1"; exec 6</proc/self/fd/5'
    assert.deepEqual(await hits([`${path} (deleted)`], script, path), [`${path} (deleted)`])
  })
})
