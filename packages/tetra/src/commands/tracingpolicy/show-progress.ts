import type { TracingPolicyStatus } from '@tetragon-ts/api'
import type { AgentClient } from '../../connection/agent-client.ts'

const intervalMs = 500
/** ESC [K of ECMA-48: erases the rest of the line. */
const eraseLine = '\r\x1b[K'

/** The line about a load that is under way; undefined if its policy is not being loaded. */
export function progressLine(
  policies: readonly TracingPolicyStatus[],
  name: string,
  domain: string,
): string | undefined {
  const policy = policies.find((each) => each.name === name && each.domain === domain)
  const { done = 0, total = 0 } = policy?.loading ?? {}
  if (total === 0) return undefined
  return `loading policy ${name}: ${Math.floor((100 * done) / total)} %`
}

/**
 * Writes the progress of a load to a terminal until the request has ended, whatever its result.
 * @param domain empty: that of gRPC clients
 */
export async function showProgress(
  agent: Pick<AgentClient, 'call'>,
  name: string,
  domain: string,
  request: Promise<unknown>,
  terminal: { write(text: string): unknown },
): Promise<void> {
  const ended = request.then(
    () => 'ended' as const,
    () => 'ended' as const,
  )
  let isShown = false
  for (;;) {
    let timer: NodeJS.Timeout | undefined
    const next = new Promise<'next'>((resolve) => {
      timer = setTimeout(resolve, intervalMs, 'next' as const)
    })
    const first = await Promise.race([ended, next])
    clearTimeout(timer)
    if (first === 'ended') break
    // It is only for information.
    const list = agent.call('ListTracingPolicies', {}).catch(() => ({ policies: [] }))
    const { policies = [] } = await list
    const line = progressLine(policies, name, domain === '' ? 'grpc' : domain)
    if (line === undefined) continue
    terminal.write(`${eraseLine}${line}`)
    isShown = true
  }
  if (isShown) terminal.write(eraseLine)
}
