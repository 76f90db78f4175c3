import type { AgentAccount } from '../agent-account.ts'
import type { AdmissionHandler } from './admission.ts'
import { policyHandler } from './review-policy.ts'
import { reportHandler } from './review-report.ts'

/**
 * What the webhook decides about, by path; the configuration in the chart has the same paths.
 * @param agents undefined: agents do not report
 */
export function admissionHandlers(
  agents: AgentAccount | undefined,
): Readonly<Record<string, AdmissionHandler>> {
  return {
    '/validate/tracingpolicies': policyHandler,
    ...(agents && { '/validate/tracingpolicynodestatuses': reportHandler(agents) }),
  }
}
