// A policy for the compiler: defaults applied, macros and aliases resolved, values parsed, and
// checked as far as possible without a kernel. Parts of the document have their path in the spec;
// `PolicyDocument.position` converts a path to line and column.

export * from '../arguments/argument.ts'
export type * from '../arguments/argument-match.ts'
export type * from '../arguments/located.ts'
export type * from '../arguments/named-list.ts'
export type * from '../arguments/section.ts'
export type * from './action.ts'
export type * from './hook.ts'
export type * from './image-match.ts'
export type * from './label-selector.ts'
export { linkValues } from './link-targets.ts'
export * from './lsm-callers.ts'
export * from './policy.ts'
export * from './selector.ts'
