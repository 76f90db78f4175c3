import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { options } from '@tetragon-ts/agent/config'
import { repositoryRoot } from '../vm/repository.ts'

const chart = join(repositoryRoot, 'deploy/helm/tetragon')
const read = (name: string) => readFileSync(join(chart, name), 'utf8')

describe('the Helm chart', () => {
  it('lists the values without effect in its README', () => {
    const refused = read('files/unsupported.yaml').matchAll(/^- value: (\S+)\n {2}reason: (.*)$/gm)
    const table = read('README.md').split('## Values without effect')[1]!
    const rows = table.matchAll(/^\| `(\S+)` +\| (.*?) +\|$/gm)
    const pairs = (found: Iterable<RegExpMatchArray>) => [...found].map(([, ...pair]) => pair)
    assert.deepEqual(pairs(rows), pairs(refused))
  })

  it('has the version of the agent', () => {
    const { version } = JSON.parse(
      readFileSync(join(repositoryRoot, 'packages/agent/package.json'), 'utf8'),
    ) as { version: string }
    assert.match(read('Chart.yaml'), new RegExp(`^appVersion: ${version}$`, 'm'))
    assert.match(read('values.yaml'), new RegExp(`^    tag: v${version}$`, 'm'))
  })

  it('sets only options that the agent has', () => {
    const names = [...read('templates/configmap.yaml').matchAll(/^ {2}([a-z][a-z0-9-]+):/gm)]
    const metadata = ['name', 'namespace', 'labels']
    const data = names.map(([, name]) => name!).filter((name) => !metadata.includes(name))
    assert.ok(data.length > 20)
    assert.deepEqual(
      data.filter((name) => !options.has(name)),
      [],
    )
  })
})
