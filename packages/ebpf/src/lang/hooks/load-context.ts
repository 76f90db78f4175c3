import type { Builder } from '../builder.ts'
import { Int } from '../int.ts'

/** Loads a member of the program's context, which the kernel converts to one of its own. */
export function loadContext(builder: Builder, size: 4 | 8, offset: number): Int {
  const dst = builder.register()
  builder.emit({ op: 'load', dst, size, base: builder.context, offset })
  return new Int(builder, dst)
}
