import type { BundleAnswer } from './read-bundle.ts'
import type { RuntimeContainer } from './runtime-container.ts'

/** The result of looking a container up in the files of the runtimes. */
export type ContainerAnswer =
  | BundleAnswer
  /** A container outside of pods. */
  | { readonly kind: 'container'; readonly container: RuntimeContainer }
