import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { ReleaseSources } from './sources.ts'

const sources = new ReleaseSources()
after(() => sources.remove())

const { version: before } = JSON.parse(sources.read('package.json')) as { version: string }
const next = '7.8.9'
const prepare = (version: string | undefined) =>
  sources.call('release/prepare.mjs', 'prepareRelease', sources.folder, version, '2030-01-02')
const missing = (built: string) =>
  sources.call('release/conditions.mjs', 'missingForRelease', sources.folder, built, {
    TETRAGON_SIGNING_KEY: 'key.pem',
  }) as string[]
const built = () => sources.call('version.mjs', 'buildVersion', sources.folder) as string

it('a release is not prepared for a version that is not newer', () => {
  for (const version of [before, '0.0.9', '1.2', 'v1.2.3', '1.2.3-rc.1', '']) {
    assert.throws(() => prepare(version), /^Error: prepare a release: .* is not (newer|a version)/)
  }
  assert.equal(sources.git('status', '--porcelain'), '')
})

it('a prepared release has its version everywhere, and nothing else changes', () => {
  prepare(next)
  const changes = sources.git('diff', '--unified=0').split('\n')
  const isChange = (line: string) => /^[+-](?![+-]{2})/.test(line)
  const [removed, added] = ['-', '+'].map((sign) =>
    changes.filter((line) => isChange(line) && line.startsWith(sign)).map((line) => line.slice(1)),
  )
  const headings = ['', `## ${next} (2030-01-02)`]
  const versions = added!.filter((line) => !headings.includes(line))
  assert.deepEqual(
    versions,
    removed!.map((line) => line.replace(before, next)),
  )
  // Packages of others may have the same version.
  const ours = /"@?tetragon-ts[^"]*": "|^ {2}"version"/
  for (const path of sources.git('ls-files', '*package.json').trim().split('\n')) {
    const lines = sources.read(path).split('\n')
    const old = lines.filter((line) => ours.test(line) && line.includes(before))
    assert.deepEqual(old, [], path)
  }
})

it('a release requires a commit, its tag, its changes and a key', () => {
  const tag = `tag the commit of the release: git tag v${next}`
  assert.deepEqual(missing(built()), ['commit or revert the changes of this checkout', tag])
  sources.commit()
  assert.deepEqual(missing(built()), [tag])
  sources.git('tag', `v${next}`)
  assert.equal(built(), next)
  assert.deepEqual(missing(built()), [])
  const unsigned = sources.call(
    ...(['release/conditions.mjs', 'missingForRelease', sources.folder, next, {}] as const),
  )
  assert.deepEqual(unsigned, ['set TETRAGON_SIGNING_KEY: nothing would be signed'])
})
