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
  /**
   * Shows what an address says about it: the reverse of `state`.
   * @param read a parameter; empty: the address does not have it
   */
  restore(read: (name: string) => string): void
  render(): ComponentChildren
}
