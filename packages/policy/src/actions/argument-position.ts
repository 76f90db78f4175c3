import type { ArgumentTypeName } from '../operators/argument-facts.ts'
import type { ActionContext, NamedAction } from './action.ts'

/** Required kind of argument at a position in `args`. */
export interface NeededArgument {
  /** Description for errors. */
  readonly name: string
  accepts(type: ArgumentTypeName): boolean
}

/** Checks an argument that an action refers to by its position in `args`. */
export function argumentPosition(
  position: number,
  document: NamedAction,
  field: string,
  needed: NeededArgument,
  { args, unreliable, check: { findings } }: ActionContext,
): number {
  const path = `${document.at}.${field}`
  const argument = args[position]
  if (argument === undefined) {
    findings.error(path, 'POLICY_INDEX', `no item ${position} in args, which has ${args.length}`)
  } else if (!needed.accepts(argument.type) && !unreliable.has(argument)) {
    const message = `${document.action} needs ${needed.name} here, not ${argument.type}`
    findings.error(path, 'POLICY_ACTION', message)
  }
  return position
}
