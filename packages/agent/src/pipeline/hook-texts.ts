import type { HookDescription } from '../compiler/hook-record.ts'

/** JSON of a function's name, which stands behind the processes. */
export function nameJson({ event }: HookDescription, name: string): string {
  if (event !== 'process_tracepoint') return latin1(`,"function_name":${JSON.stringify(name)}`)
  const [subsys, tracepoint] = name.split('/')
  return latin1(`,"subsys":${JSON.stringify(subsys)},"event":${JSON.stringify(tracepoint)}`)
}

/** JSON of what was done at the return. */
export function returnJson(action = 'Post'): string {
  return `,"return_action":"KPROBE_ACTION_${action.toUpperCase()}"`
}

/** JSON of what ends an event of a hook: action, policy, message, tags. */
export function endJson({ policyName, message, tags }: HookDescription, action: string): string {
  const parts = [`,"action":"KPROBE_ACTION_${action.toUpperCase()}"`]
  if (policyName !== '') parts.push(`"policy_name":${JSON.stringify(policyName)}`)
  if (message !== '') parts.push(`"message":${JSON.stringify(message)}`)
  if (tags.length > 0) parts.push(`"tags":${JSON.stringify(tags)}`)
  return latin1(parts.join(','))
}

/** UTF-8 in a string of one byte per character, as the writer takes it. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
