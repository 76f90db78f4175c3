import type { Argument, NamedList, Section } from '../model/index.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import type { Check } from './check.ts'

/** What the checks of a hook's selectors need to know of it. */
export interface HookContext {
  readonly section: Section
  readonly call: string
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  readonly returnArg: Argument | undefined
  /** Arguments whose declaration is wrong: nothing more is said about what uses them. */
  readonly unreliable: ReadonlySet<Argument>
  readonly lists: ReadonlyMap<string, NamedList>
  readonly spec: SpecDocument
  readonly check: Check
}
