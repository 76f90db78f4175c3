import type { AgentAccount } from '../agent-account.ts'
import type { AdmissionHandler } from './admission.ts'
import { kernelHandler, reportHandler } from './review-agent.ts'
import { type NodeChecks, policyHandler } from './review-policy.ts'
import { ruleHandler } from './review-rules.ts'

/**
 * What the webhook decides about, by path; the configuration in the chart has the same paths.
 * @param agents undefined: agents do not report
 * @param nodes undefined: the kernels of nodes are unknown
 */
export function admissionHandlers(
  agents: AgentAccount | undefined,
  nodes?: NodeChecks,
): Readonly<Record<string, AdmissionHandler>> {
  return {
    '/validate/tracingpolicies': policyHandler(nodes),
    '/validate/detectionrules': ruleHandler,
    ...(agents && {
      '/validate/tracingpolicynodestatuses': reportHandler(agents),
      '/validate/tracingpolicykernels': kernelHandler(agents),
    }),
  }
}
