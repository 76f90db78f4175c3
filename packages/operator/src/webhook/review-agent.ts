import { fields, text } from '@tetragon-ts/kubernetes'
import type { AgentAccount } from '../agent-account.ts'
import type { AdmissionHandler, AdmissionRequest, Verdict } from './admission.ts'

/** The pod of a token. The kubelet gets tokens for pods of its own node only. */
const podOfToken = 'authentication.kubernetes.io/pod-name'

/** Decides about reports of agents: an agent may write only the one with the name of its pod. */
export function reportHandler(agents: AgentAccount) {
  return agentHandler(
    agents,
    'an agent may write only the report with the name of its pod',
    ({ name, object }) => name || text(fields(object.metadata).name),
  )
}

/** Decides about descriptions of kernels: an agent may write those that its pod was asked for. */
export function kernelHandler(agents: AgentAccount) {
  return agentHandler(
    agents,
    'an agent may write only descriptions that its pod was asked for',
    // The operator has written it before.
    ({ oldObject }) => text(fields(oldObject.spec).pod),
  )
}

/**
 * Decides about objects that agents write: each belongs to the agent of one pod. All agents have
 * the same account, so RBAC cannot decide that.
 * @param rule the message of a refusal
 * @param podOf the pod of the object
 */
function agentHandler(
  { namespace, name }: AgentAccount,
  rule: string,
  podOf: (request: AdmissionRequest) => string,
) {
  const agent = `system:serviceaccount:${namespace}:${name}`
  const verdictOf = (request: AdmissionRequest): Verdict => {
    const [pod] = request.user.extra[podOfToken] ?? []
    if (pod && pod === podOf(request)) return { allowed: true }
    const own = !pod ? 'its token has none' : `that is ${pod}`
    return { allowed: false, message: `${rule}: ${own}` }
  }
  return {
    review: (request: AdmissionRequest): Verdict => {
      return request.user.name === agent ? verdictOf(request) : { allowed: true }
    },
    unreviewed: (problem: string): Verdict => ({ allowed: false, message: problem }),
  } satisfies AdmissionHandler
}
