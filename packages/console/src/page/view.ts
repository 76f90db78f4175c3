import type { ComponentChildren } from 'preact'

/** A view of the page: a module of its own, listed in main.tsx. */
export interface View {
  /** In the address: `/processes`. */
  readonly path: string
  /** In the navigation. */
  readonly name: string
  /** What the address says about it, so that a link leads to what it shows. */
  state(): Readonly<Record<string, string>>
  render(): ComponentChildren
}
