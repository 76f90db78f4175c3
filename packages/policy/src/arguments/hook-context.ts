import type { Argument } from './argument.ts'
import type { Check } from './check.ts'
import type { NamedList } from './named-list.ts'
import type { Section } from './section.ts'

/** Context of the checks of a hook's selectors. */
export interface HookContext {
  readonly section: Section
  readonly call: string
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  readonly returnArg: Argument | undefined
  /** Members that expressions name, which follow `data`; each check may add some. */
  readonly members: Argument[]
  /** Arguments with an invalid declaration: their uses are not reported. */
  readonly unreliable: ReadonlySet<Argument>
  readonly lists: ReadonlyMap<string, NamedList>
  readonly spec: { readonly enforcers: readonly unknown[] }
  readonly check: Check
}
