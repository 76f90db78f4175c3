import { inUserSpace } from '../actions/action.ts'
import type { Check } from '../arguments/check.ts'
import type { Policy } from '../model/index.ts'
import type { PolicyDocumentForm } from '../schema/tracing-policy.ts'
import { checkEnforcers } from './enforcers.ts'
import { checkKprobe, checkLsmHook, checkTracepoint } from './kernel-hooks.ts'
import { checkLists } from './lists.ts'
import { checkMacros } from './macros.ts'
import { checkMetadata } from './metadata.ts'
import { checkOptions } from './options.ts'
import { checkReach } from './reach.ts'
import { checkStartingPods } from './starting-pods.ts'
import { checkUnused } from './unused.ts'
import { checkUprobe, checkUsdt } from './user-hooks.ts'
import { checkLabels, checkWorkloads } from './workloads.ts'

/** A namespaced policy is limited to its pods, and loader events have no workload. */
function checkScope({ kind, spec }: PolicyDocumentForm, { findings }: Check): void {
  const refuse = (field: string, message: string): void =>
    findings.error(`${spec.at}.${field}`, 'POLICY_SCOPE', message, { key: true })
  if (kind === 'TracingPolicyNamespaced') {
    for (const field of inUserSpace) {
      if (spec[field].length > 0) refuse(field, `a ${kind} cannot have ${field}`)
    }
    if (spec.hostSelector !== undefined) {
      refuse('hostSelector', `a ${kind} cannot have a hostSelector`)
    }
  }
  const selects = spec.podSelector ?? spec.containerSelector ?? spec.hostSelector
  if (spec.loader && (selects !== undefined || kind === 'TracingPolicyNamespaced')) {
    refuse('loader', 'loader requires a policy for all workloads')
  }
}

/**
 * Checks rules that the schema cannot express, and creates the policy for the compiler. Problems
 * are added to the findings; the policy is only usable without errors.
 */
export function checkPolicy(document: PolicyDocumentForm, check: Check): Policy {
  const { kind, metadata, spec } = document
  const namespace = checkMetadata(document, check)
  checkScope(document, check)
  checkMacros(spec, check)
  const lists = checkLists(spec, check)
  const enforcers = checkEnforcers(spec, lists, check)
  const options = checkOptions(spec, check)
  const context = { spec, lists, check }
  const nodeSelector = checkLabels(spec.nodeSelector, check)
  const policy: Policy = {
    kind,
    name: metadata.name,
    namespace,
    labels: metadata.labels,
    annotations: metadata.annotations,
    hooks: [
      ...spec.kprobes.map((hook, i) => checkKprobe(hook, 'kprobes', i, context)),
      ...spec.fentries.map((hook, i) => checkKprobe(hook, 'fentries', i, context)),
      ...spec.tracepoints.map((hook, i) => checkTracepoint(hook, i, context)),
      ...spec.lsmhooks.map((hook, i) => checkLsmHook(hook, i, context)),
      ...spec.uprobes.map((hook, i) => checkUprobe(hook, i, context)),
      ...spec.usdts.map((hook, i) => checkUsdt(hook, i, context)),
    ],
    lists,
    enforcers,
    loader: spec.loader,
    options,
    ...checkWorkloads(spec, check),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  }
  checkUnused(spec, policy, check)
  checkStartingPods(policy, check)
  checkReach(policy, check)
  return policy
}
