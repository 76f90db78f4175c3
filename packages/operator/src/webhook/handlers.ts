import type { AdmissionHandler } from './admission.ts'
import { policyHandler } from './review-policy.ts'

/** What the webhook decides about, by path; the configuration in the chart has the same paths. */
export const admissionHandlers: Readonly<Record<string, AdmissionHandler>> = {
  '/validate/tracingpolicies': policyHandler,
}
