import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type BrowserBundle, bundleForBrowser, nodeUses, runInBrowser } from './browser-bundle.ts'

const text = `title: Reverse Shell
logsource: {product: linux, category: process_creation}
detection:
  shell: {Image|endswith: /bash, CommandLine|re: '/dev/(tcp|udp)/'}
  condition: shell
`

describe('packages/rules in a browser', () => {
  let bundle: BrowserBundle
  before(async () => {
    bundle = await bundleForBrowser(`
      export { compileRules, linkRules, readRules } from '@tetragon-ts/rules'
    `)
  })

  it('needs nothing of Node.js', () => {
    assert.ok(bundle.files.includes('packages/rules/dist/engine/compile-rules.js'))
    assert.deepEqual(nodeUses(bundle), [])
  })

  it('reads and evaluates rules', () => {
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/rules')
    const rules = api.compileRules(api.linkRules(api.readRules(text, 'a.yml').items))
    const process = rules.facts({ binary: '/bin/bash', arguments: '-i > /dev/udp/a/1' })
    const [match] = rules.evaluate('process_creation', { process }, {})
    assert.equal(match.rule.title, 'Reverse Shell')
  })
})
