import { inUserSpace } from '../actions/action.ts'
import type { Check } from '../arguments/check.ts'
import { type Section, sections } from '../arguments/section.ts'
import type { Hook, Policy } from '../model/index.ts'
import type { PolicyDocumentForm, SpecDocument } from '../schema/tracing-policy.ts'
import { checkEnforcers } from './enforcers.ts'
import { checkKprobe, checkLsmHook, checkTracepoint, type PolicyContext } from './hooks.ts'
import { checkLists } from './lists.ts'
import { checkMacros } from './macros.ts'
import { checkMetadata } from './metadata.ts'
import { checkOptions } from './options.ts'
import { checkProcessFilter } from './process-filters.ts'
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

type HookCheck<S extends Section> = (
  hook: SpecDocument[S][number],
  index: number,
  context: PolicyContext,
) => Hook

/** The checks of the hooks of each section: a missing one does not compile. */
const hookChecks: { readonly [S in Section]: HookCheck<S> } = {
  kprobes: (hook, i, context) => checkKprobe(hook, 'kprobes', i, context),
  fentries: (hook, i, context) => checkKprobe(hook, 'fentries', i, context),
  tracepoints: checkTracepoint,
  lsmhooks: checkLsmHook,
  uprobes: checkUprobe,
  usdts: checkUsdt,
  processes: checkProcessFilter,
}

function hooksOf<S extends Section>(section: S, context: PolicyContext): Hook[] {
  const check: HookCheck<S> = hookChecks[section]
  const hooks: readonly SpecDocument[S][number][] = context.spec[section]
  return hooks.map((hook, i) => check(hook, i, context))
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
    hooks: sections.flatMap((section) => hooksOf(section, context)),
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
