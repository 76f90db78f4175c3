import { fields } from '@tetragon-ts/kubernetes'
import type { AgentAccount } from '../agent-account.ts'
import type { AdmissionHandler, AdmissionRequest, Verdict } from './admission.ts'

/** The pod of a token. The kubelet gets tokens for pods of its own node only. */
const podOfToken = 'authentication.kubernetes.io/pod-name'

/**
 * Decides about reports of agents: an agent may write only the one with the name of its pod. All
 * agents have the same account, so RBAC cannot decide that.
 */
export function reportHandler({ namespace, name }: AgentAccount): AdmissionHandler {
  const agent = `system:serviceaccount:${namespace}:${name}`
  return {
    review: (request) => (request.user.name === agent ? verdictOf(request) : { allowed: true }),
    unreviewed: (problem) => ({ allowed: false, message: problem }),
  }
}

function verdictOf({ user, name, object }: AdmissionRequest): Verdict {
  const [pod] = user.extra[podOfToken] ?? []
  const report = name || fields(object.metadata).name
  if (pod !== undefined && pod === report) return { allowed: true }
  const own = pod === undefined ? 'its token has none' : `that is ${pod}`
  return {
    allowed: false,
    message: `an agent may write only the report with the name of its pod: ${own}`,
  }
}
