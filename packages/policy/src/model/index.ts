// A policy for the compiler: defaults applied, macros and aliases resolved, values parsed, and
// checked as far as possible without a kernel. Parts of the document have their path in the spec;
// `PolicyDocument.position` converts a path to line and column.

export type * from './action.ts'
export * from './argument.ts'
export type * from './argument-match.ts'
export type * from './hook.ts'
export type * from './label-selector.ts'
export type * from './located.ts'
export * from './lsm-callers.ts'
export * from './policy.ts'
export * from './selector.ts'
