import type { ActionDocument } from '../actions/action-schema.ts'
import { type Action, type ActionName, actions } from '../actions/index.ts'
import type { HookContext } from '../arguments/hook-context.ts'
import type { Located } from '../arguments/located.ts'

/** Warns about actions without effect because of others in the same selector. */
export function checkTogether(documents: readonly ActionDocument[], { check }: HookContext): void {
  if (!documents.some(({ action }) => action === 'NoPost')) return
  for (const { action, at } of documents) {
    if (!actions[action].withEvent) continue
    const message = `${action} is executed when the event is posted: with NoPost it has no effect`
    check.findings.warning(`${at}.action`, 'POLICY_IGNORED', message)
  }
}

/** Whether a field has a value other than the zero value of its type, which Go programs write. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return value !== undefined && value !== false && value !== 0 && value !== 0n
}

/** Fields of other actions are warnings; a rate limit without effect is an error. */
function checkFields(document: ActionDocument, { check }: HookContext): void {
  const { fields } = actions[document.action]
  for (const [name, value] of Object.entries(document)) {
    if (name === 'at' || name === 'action' || Object.hasOwn(fields, name)) continue
    if (!isSet(value)) continue
    const message = `${document.action} does not use ${name}`
    const path = `${document.at}.${name}`
    if (name === 'rateLimit') check.findings.error(path, 'POLICY_ACTION', message)
    else check.findings.warning(path, 'POLICY_IGNORED', message)
  }
}

/** Checks an action of a hook. */
export function checkAction(
  document: ActionDocument,
  hook: HookContext,
  when: 'entry' | 'return' = 'entry',
): Action | undefined {
  const { check } = hook
  if (check.isBroken(document)) return undefined
  const { action, at } = document
  const { sections } = actions[action]
  if (!sections.includes(hook.section)) {
    const message = `${action} is not possible in ${hook.section}, only in ${sections.join(', ')}`
    check.findings.error(`${at}.action`, 'POLICY_ACTION', message)
    return undefined
  }
  checkFields(document, hook)
  return checkedAction(action, document, hook, when)
}

function checkedAction<N extends ActionName>(
  action: N,
  document: ActionDocument,
  hook: HookContext,
  when: 'entry' | 'return',
): Action<N> {
  const named: Located & { readonly action: N } = { path: document.at, action }
  return { ...named, ...actions[action].check(document, { ...hook, when }) }
}
