import { RunningAgent } from '@tetragon-ts/agent/testing'
import { ruleLibrary } from '../cases/rules/library.ts'

/**
 * Starts an agent with the rules of the library.
 * @param least their lowest level
 */
export async function startObservingAgent(least = 'informational'): Promise<RunningAgent> {
  const agent = await RunningAgent.start(
    // Many actions in a minute find the same.
    ...[
      '--findings-per-minute',
      '100000',
      '--library-rules',
      least,
      '--library-rules-dir',
      ruleLibrary,
      '--enable-ancestors',
      'base,kprobe,tracepoint,lsm,uprobe',
    ],
  )
  await agent.rulesRead()
  // The agent is a process of its own, which would go on without this one.
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => void agent.remove().finally(() => process.exit(code)))
  }
  return agent
}
