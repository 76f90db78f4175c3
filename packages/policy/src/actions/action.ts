import type { HookContext } from '../checks/hook-context.ts'
import type { Section } from '../model/index.ts'
import type { Enumerated } from '../schema/crd-order.ts'
import type { At, DocumentOf, Fields, ObjectSchema } from '../schema/schema.ts'

/**
 * What an action does: `observe` leaves the process alone. An `enforce` action changes what
 * happens, and does nothing in the mode `monitor`. `enforce-later`: this release cannot carry it
 * out, so a policy that has it loads in the mode `monitor` only (see unsupported.ts).
 */
export type ActionEffect = 'observe' | 'enforce' | 'enforce-later'

/** An action in a document. */
export interface NamedAction extends At {
  readonly action: string
}

/** An action in a document, as a family sees it: with the family's fields. */
export type ActionDocumentWith<F extends Fields> = NamedAction & DocumentOf<ObjectSchema<F>>

/** What the check of an action knows. */
export interface ActionContext extends HookContext {
  /** Whether the action is one of `matchActions` or of `matchReturnActions`. */
  readonly when: 'entry' | 'return'
}

/** What the language defines for an action beside its check. */
export interface ActionFacts extends Enumerated {
  readonly effect: ActionEffect
  /** Where it is possible. */
  readonly sections: readonly Section[]
  /** Its fields in the schema. Actions may share fields; an action without any has `{}`. */
  readonly fields: Fields
  /** Belongs to the event: carried out when that is written, so not at all with NoPost. */
  readonly withEvent?: true
  /** For people. */
  readonly doc: string
}

/** All that the language defines for one action. */
export interface ActionDefinition extends ActionFacts {
  /** Checks the action's fields and makes values of them, whatever it finds and reports. */
  check(document: NamedAction, context: ActionContext): object
}

/** The actions of a family by their names. */
export type ActionFamily = Readonly<Record<string, ActionDefinition>>

/** Sections of all hooks. */
export const everywhere: readonly Section[] = [
  'kprobes',
  'fentries',
  'tracepoints',
  'lsmhooks',
  'uprobes',
  'usdts',
]
/** Hooks of functions of the kernel. */
export const functions: readonly Section[] = ['kprobes', 'fentries']

/** Reports that an action lacks a field. */
export function missing(document: NamedAction, field: string, { check }: ActionContext): void {
  const message = `${field} is missing: ${document.action} requires it`
  check.findings.error(`${document.at}.${field}`, 'POLICY_MISSING_FIELD', message)
}
