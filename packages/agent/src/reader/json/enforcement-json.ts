import type { EnforcementDescription, HookDescription } from '@tetragon-ts/sensors/hooks'
import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { Readable } from './hook-reader.ts'
import { latin1 } from './hook-texts.ts'

type When = 'enforcements' | 'returnEnforcements'

/** Writes the member `enforcement`: what was done, or would have been done, and by which means. */
export function writeEnforcement(
  out: ByteWriter,
  description: HookDescription,
  selector: number,
  enter: Readable,
  leave: Readable | undefined,
): void {
  const items = [
    ...itemsOf(description, 'enforcements', selector, enter),
    ...(leave ? itemsOf(description, 'returnEnforcements', selector, leave) : []),
  ]
  if (items.length > 0) out.latin1(latin1(`,"enforcement":[${items.join(',')}]`))
}

function itemsOf(
  description: HookDescription,
  when: When,
  selector: number,
  { enforcement }: Readable,
): string[] {
  const described = description[when][selector] ?? []
  if (!enforcement) return []
  const { acted, failed } = enforcement
  return described.map((each, i) => {
    const hasFailed = ((failed >>> Math.min(i, 31)) & 1) !== 0
    return JSON.stringify(enforcementOf(each, acted !== 0, hasFailed))
  })
}

/** In the order of the fields of the message; values that are zero are omitted. */
function enforcementOf(
  { action, means, signal, error }: EnforcementDescription,
  acted: boolean,
  failed: boolean,
) {
  return {
    action,
    ...(means && { means }),
    ...(acted && !failed && { done: true }),
    ...(signal && { signal }),
    ...(error && { error }),
    ...(failed && { failed: true }),
  }
}
