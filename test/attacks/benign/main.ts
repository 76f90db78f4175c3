import { parseArgs } from 'node:util'
import { kernelVersion, writeCoverage } from '../coverage.ts'
import { startObservingAgent } from '../observing-agent.ts'
import { writePage } from '../page.ts'
import { ordinaryWork } from './ordinary-work.ts'
import { runWork } from './run-work.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, only: { type: 'string', default: '' } },
})
const minutes = Number(values.minutes)
const work = ordinaryWork.filter(({ id }) => id.includes(values.only))
if (!(minutes > 0) || work.length === 0) {
  console.error('usage: npm run benign -- [--minutes N] [--only TEXT]')
  process.exit(1)
}

const agent = await startObservingAgent()
try {
  const problems = new Set<string>()
  const result = await runWork(agent, work, minutes, (line) => problems.add(line))
  for (const problem of problems) console.log(`not done: ${problem}`)
  for (const { title, level, count, example } of result.findings) {
    console.log(`${level} ${title}: ${count}, such as ${example}`)
  }
  console.log(`${result.minutes} minutes, ${result.findings.length} rules`)
  // The page shows results of all of the work only.
  if (values.only === '' && minutes >= 10) {
    writePage(writeCoverage({ benign: { kernel: kernelVersion(), ...result } }))
  }
} finally {
  await agent.remove()
}
