import { atTracepoint } from './at-tracepoint.ts'
import type { Equivalent } from './equivalent.ts'

/** do_init_module(mod): the tracepoint right before it. */
export const doInitModule: Equivalent = {
  functions: ['do_init_module'],
  prototype: 'do_init_module(struct module *mod)',
  location: 'the tracepoint module_load, which is hit right before it',
  difference: 'seen right before it, with the same module',
  plan: (_, kernel) => atTracepoint('module_load', kernel, [0], (_, args) => [args[0]]),
}
