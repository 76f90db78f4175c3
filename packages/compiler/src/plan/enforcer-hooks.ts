import type { Action, Hook, Policy, Selector } from '@tetragon-ts/policy'
import type { Effect, Notifications } from '../hook/notifications.ts'

/** The calls of a policy's enforcers as hooks, with a selector for each effect. */
export function enforcerHooks(
  { enforcers }: Policy,
  notifications: Notifications | undefined,
): readonly Hook[] {
  if (!notifications) return []
  const selectors = notifications.effects.map(selectorOf)
  return enforcers.flatMap(({ hooks }) => hooks.map((hook) => ({ ...hook, selectors })))
}

/** Whether an enforcer only sends signals: then it can wait for the end of the call. */
export function onlySignals({ isEnforcer, selectors }: Hook): boolean {
  const actions = selectors.flatMap((selector) => selector.actions)
  return isEnforcer === true && actions.every(({ action }) => action === 'Signal')
}

function selectorOf({ error, signal, path }: Effect): Selector {
  const actions: Action[] = []
  if (error !== 0) actions.push({ action: 'Override', error, registers: [], path })
  if (signal !== 0) actions.push({ action: 'Signal', signal, path })
  return {
    path,
    label: '',
    pids: [],
    args: [],
    data: [],
    expressions: [],
    returnArgs: [],
    binaries: [],
    parentBinaries: [],
    commandArguments: [],
    images: [],
    namespaces: [],
    namespaceChanges: [],
    capabilities: [],
    capabilityChanges: [],
    actions,
    returnActions: [],
  }
}
