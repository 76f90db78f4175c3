import { AgentError } from '../error.ts'
import { startThread } from '../start-thread.ts'
import type { PreparedRules, RulesToRead } from './prepared-rules.ts'

const program = new URL('./rules-worker.js', import.meta.url)
/** What reading rules may use: a value of 32 MB takes seconds, and some hundreds of megabytes. */
const limits = { maxOldGenerationSizeMb: 768 }
const longestMs = 60_000

/**
 * Reads and checks rules in a thread of its own, which ends with it.
 * @throws AgentError AGENT_RULES if that takes too much memory or time
 */
export async function prepareRules(
  wanted: RulesToRead,
  giveUpMs = longestMs,
): Promise<PreparedRules> {
  const worker = startThread(program, {
    name: 'tetragon-rules',
    workerData: wanted,
    resourceLimits: limits,
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<PreparedRules>((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new AgentError('AGENT_RULES', `read rules: ${reason}`))
      }
      worker.once('message', resolve)
      worker.once('error', ({ message }) => fail(message))
      worker.once('exit', () => fail('the thread has ended'))
      timer = setTimeout(() => fail(`they take more than ${giveUpMs / 1000} seconds`), giveUpMs)
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
