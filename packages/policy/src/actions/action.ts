import type { HookContext } from '../arguments/hook-context.ts'
import { type Section, sections } from '../arguments/section.ts'
import type { Enumerated } from '../fields/crd-order.ts'
import type { At, DocumentOf, Fields, ObjectSchema } from '../fields/schema.ts'

/**
 * Effect of an action: `observe` does not affect the process. An `enforce` action does, and has no
 * effect in mode `monitor`.
 */
export type ActionEffect = 'observe' | 'enforce'

/** An action in a document. */
export interface NamedAction extends At {
  readonly action: string
}

/** An action in a document, with the fields of its family. */
export type ActionDocumentWith<F extends Fields> = NamedAction & DocumentOf<ObjectSchema<F>>

/** Context of an action's check. */
export interface ActionContext extends HookContext {
  /** Whether the action is in `matchActions` or in `matchReturnActions`. */
  readonly when: 'entry' | 'return'
}

/** Definition of an action besides its check. */
export interface ActionFacts extends Enumerated {
  readonly effect: ActionEffect
  /** Sections in which it is allowed. */
  readonly sections: readonly Section[]
  /** Its fields in the schema. Actions may share fields; an action without any has `{}`. */
  readonly fields: Fields
  /** Executed when the event is written, so not at all with NoPost. */
  readonly withEvent?: true
  /** Documentation. */
  readonly doc: string
}

/** Complete definition of an action. */
export interface ActionDefinition extends ActionFacts {
  /** Checks the action's fields and converts them to values; problems are reported. */
  check(document: NamedAction, context: ActionContext): object
}

/** The actions of a family by their names. */
export type ActionFamily = Readonly<Record<string, ActionDefinition>>

/** Sections of all hooks. */
export const everywhere: readonly Section[] = sections.filter((name) => name !== 'processes')
/** The same, and filters of process events. */
export const forAllEvents: readonly Section[] = sections
/** Hooks of kernel functions. */
export const functions: readonly Section[] = ['kprobes', 'fentries']

/** Sections with hooks in user space. */
export const inUserSpace = ['uprobes', 'usdts'] as const satisfies readonly Section[]

/** Reports that an action lacks a field. */
export function missing(document: NamedAction, field: string, { check }: ActionContext): void {
  const message = `${field} is missing: ${document.action} requires it`
  check.findings.error(`${document.at}.${field}`, 'POLICY_MISSING_FIELD', message)
}
