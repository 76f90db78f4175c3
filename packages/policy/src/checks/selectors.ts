import type { ActionDocument } from '../actions/action-schema.ts'
import type { Check } from '../arguments/check.ts'
import type { HookContext } from '../arguments/hook-context.ts'
import type { Action, ArgumentMatch, Selector } from '../model/index.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import { checkAction, checkTogether } from './actions.ts'
import { type ArgumentMatcher, checkArgumentMatch } from './argument-matches.ts'
import { checkMatchCel } from './check-expression.ts'
import { checkCommandArguments } from './command-arguments.ts'
import { expandMacros } from './macros.ts'
import {
  checkBinaries,
  checkCapabilities,
  checkNamespaceChanges,
  checkNamespaces,
  checkPids,
} from './process-matches.ts'
import { checkMatchWorkloads } from './workloads.ts'

function argumentMatches(
  selector: SelectorDocument,
  matcher: ArgumentMatcher,
  hook: HookContext,
): ArgumentMatch[] {
  return selector[matcher].flatMap((match) => checkArgumentMatch(match, matcher, hook) ?? [])
}

function actions(
  documents: readonly ActionDocument[],
  hook: HookContext,
  when: 'entry' | 'return',
): Action[] {
  checkTogether(documents, hook)
  return documents.flatMap((document) => checkAction(document, hook, when) ?? [])
}

/** Conditions on the return value require one. */
function checkReturn(
  selector: SelectorDocument,
  { returnArg, section, check }: HookContext,
): boolean {
  if (returnArg !== undefined) return true
  for (const name of ['matchReturnArgs', 'matchReturnActions'] as const) {
    if (selector[name].length === 0) continue
    const hasReturn = section === 'kprobes' || section === 'fentries' || section === 'uprobes'
    const message = hasReturn ? `${name} requires return: true` : `${section} have no ${name}`
    const path = selector[name][0].at.replace(/\[\d+\]$/, '')
    check.findings.error(path, 'POLICY_RETURN', message, { key: true })
  }
  return false
}

/** Whether a selector matches every hit, so that later selectors are never reached. */
export function takesAll(selector: Selector): boolean {
  const { path: _, label, actions, returnActions, workloads, ...conditions } = selector
  return workloads === undefined && Object.values(conditions).every(({ length }) => length === 0)
}

/** Warns about selectors that are never reached. */
export function checkReached(selectors: readonly Selector[], { findings }: Check): void {
  // An invalid field may have been a condition.
  if (findings.failed) return
  const first = selectors.findIndex(takesAll)
  const unreached = first < 0 ? undefined : selectors[first + 1]
  if (unreached === undefined) return
  const message = `selector ${first} matches every hit: this one is never reached`
  findings.warning(unreached.path, 'POLICY_SELECTOR', message)
}

/** Checks a selector of a hook and adds the content of its macros. */
export function checkSelector(
  document: SelectorDocument,
  hook: HookContext & { readonly spec: SpecDocument },
): Selector {
  const { check, spec } = hook
  const selector = expandMacros(document, spec, check)
  const returns = checkReturn(selector, hook)
  const expression = checkMatchCel(selector.matchCEL, hook)
  const workloads = checkMatchWorkloads(selector.matchWorkloads, check)
  return {
    path: document.at,
    label: selector.label ?? '',
    pids: selector.matchPIDs.map((match) => checkPids(match, check)),
    args: argumentMatches(selector, 'matchArgs', hook),
    data: argumentMatches(selector, 'matchData', hook),
    expressions: expression ? [expression] : [],
    returnArgs: returns ? argumentMatches(selector, 'matchReturnArgs', hook) : [],
    binaries: selector.matchBinaries.map((match) => checkBinaries(match, check)),
    parentBinaries: selector.matchParentBinaries.map((match) => checkBinaries(match, check)),
    commandArguments: selector.matchCmdArgs.map((match) => checkCommandArguments(match, check)),
    images: [],
    namespaces: selector.matchNamespaces.map((match) => checkNamespaces(match, check)),
    namespaceChanges: selector.matchNamespaceChanges.map((match) =>
      checkNamespaceChanges(match, check),
    ),
    capabilities: selector.matchCapabilities.map((match) => checkCapabilities(match, check)),
    capabilityChanges: selector.matchCapabilityChanges.map((match) =>
      checkCapabilities(match, check),
    ),
    ...(workloads === undefined ? {} : { workloads }),
    actions: actions(selector.matchActions, hook, 'entry'),
    returnActions: returns ? actions(selector.matchReturnActions, hook, 'return') : [],
  }
}
