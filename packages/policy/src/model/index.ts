// A policy as the compiler takes it: defaults applied, macros and aliases resolved, values parsed,
// everything checked that can be checked without a kernel. What came from the document carries its
// path in the spec; `PolicyDocument.position` turns a path into line and column.

export type * from './action.ts'
export * from './argument.ts'
export type * from './argument-match.ts'
export type * from './hook.ts'
export type * from './label-selector.ts'
export type * from './located.ts'
export type * from './policy.ts'
export * from './selector.ts'
