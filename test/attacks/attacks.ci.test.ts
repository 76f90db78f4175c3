import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../vm/repository.ts'
import { allActions } from './catalogue.ts'
import { changedClasses, kernelVersion, readCoverage } from './coverage.ts'
import { startObservingAgent } from './observing-agent.ts'
import { rotate } from './rotation.ts'
import { runActions } from './run-actions.ts'

/** Each commit has the next part of the catalogue. */
function turn(): number {
  const count = execFileSync('git', ['rev-list', '--count', 'HEAD'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  })
  return Number(count)
}

describe('a tenth of the attacks', () => {
  it('has the classes of docs/reference/coverage.md, and leaves the machine as it was', async (t) => {
    const known = readCoverage().kernels.find(({ kernel }) => kernel === kernelVersion())
    if (known === undefined) return t.skip(`the page has no results of Linux ${kernelVersion()}`)
    // An agent of its own: with all rules.
    const agent = await startObservingAgent()
    try {
      const { results, changes } = await runActions(agent, rotate(allActions, turn()), () => {})
      assert.deepEqual(changedClasses(known.results, results), [])
      assert.deepEqual(changes, [])
    } finally {
      await agent.remove()
    }
  })
})
