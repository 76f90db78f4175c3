import { parseArgs } from 'node:util'
import { readLibrary } from '../cases/rules/library.ts'
import type { Action } from './action.ts'
import { blindActions } from './blind/catalogue.ts'
import { allActions } from './catalogue.ts'
import { type ActionResult, resultClasses } from './classify.ts'
import { countBlind, kernelVersion, writeCoverage } from './coverage.ts'
import { startObservingAgent } from './observing-agent.ts'
import { writePage } from './page.ts'
import { runActions } from './run-actions.ts'
import { runInKernel } from './run-in-vm.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    kernel: { type: 'string' },
    level: { type: 'string', default: 'informational' },
    blind: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const { only, kernel, level, blind, verbose } = values
const actions = (blind ? blindActions : allActions).filter(
  ({ id, title, technique }) => only === undefined || `${id} ${title} ${technique}`.includes(only),
)
if (actions.length === 0) {
  console.error(`attacks: no action contains ${only}`)
  process.exit(1)
}

if (kernel !== undefined) {
  const args = [...(only === undefined ? [] : ['--only', only]), ...(verbose ? ['--verbose'] : [])]
  process.exit(await runInKernel(kernel, args))
}

const agent = await startObservingAgent(level)
try {
  const { results, changes } = await runActions(agent, actions, verbose ? console.log : () => {})
  for (const result of results) console.log(describe(result))
  printTotals(results)
  for (const change of changes) console.log(`changed on the machine: ${change}`)
  // The page shows results of all actions and rules only.
  if (only === undefined && level === 'informational') save(results)
  process.exitCode = changes.length > 0 ? 1 : 0
} finally {
  await agent.remove()
}

function describe({ id, class: name, level, why }: ActionResult): string {
  const { technique } = actions.find((each: Action) => each.id === id)!
  return `${id} ${technique}: ${resultClasses[name]}${level === undefined ? '' : ` (${level})`}: ${why}`
}

function printTotals(results: readonly ActionResult[]): void {
  for (const [name, title] of Object.entries(resultClasses)) {
    console.log(`${results.filter((each) => each.class === name).length} ${title}`)
  }
  console.log(`${results.length} actions`)
}

function save(results: readonly ActionResult[]): void {
  const rules = readLibrary().linked
  const count = rules.rules.length + rules.correlations.length
  if (blind) return writePage(writeCoverage({ blind: countBlind(count, results) }))
  writePage(writeCoverage({ kernel: { kernel: kernelVersion(), rules: count, results } }))
}
