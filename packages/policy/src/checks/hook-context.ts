import type { Argument, NamedList, Section } from '../model/index.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import type { Check } from './check.ts'

/** Context of the checks of a hook's selectors. */
export interface HookContext {
  readonly section: Section
  readonly call: string
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  readonly returnArg: Argument | undefined
  /** Arguments with an invalid declaration: their uses are not reported. */
  readonly unreliable: ReadonlySet<Argument>
  readonly lists: ReadonlyMap<string, NamedList>
  readonly spec: SpecDocument
  readonly check: Check
}
