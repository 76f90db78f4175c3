import type { ComponentChildren } from 'preact'
import type { Keys } from './keys.ts'

/** A view of the page: a module of its own, listed in main.tsx. */
export interface View {
  /** In the address: `/processes`. */
  readonly path: string
  /** In the navigation. */
  readonly name: string
  /** Its keys, for the help. */
  readonly keys?: Keys
  /** What the address says about it, so that a link leads to what it shows. */
  state(): Readonly<Record<string, string>>
  render(): ComponentChildren
}
