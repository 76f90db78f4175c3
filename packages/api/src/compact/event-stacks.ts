import type { Event } from '../event.ts'
import type { StackTraceEntry } from '../events/hook-events.ts'

/** The stacks of an event, innermost frame first; empty without stacks. */
export interface EventStacks {
  readonly kernel: readonly StackTraceEntry[]
  readonly user: readonly StackTraceEntry[]
}

/** The stacks of an event of any kind. */
export function stacksOf({ body }: Event): EventStacks {
  const { kernel_stack_trace: kernel = [], user_stack_trace: user = [] } = body as {
    readonly [K in 'kernel_stack_trace' | 'user_stack_trace']?: readonly StackTraceEntry[]
  }
  return { kernel, user }
}
