import type { Construct, PolicyCase, Trigger } from '../policy-case.ts'

/** A harmless call: it fails, because there is no descriptor -1. */
export const lseek = ['try', 'lseek', '-1', '5', '0'] as const

/** Setup before the call. */
export function before(...words: readonly string[]): readonly string[] {
  return [...words, '--', ...lseek]
}

/** The call by a copy of the workload with this name in the folder. */
export function byCopy(name: string): string {
  return `cp {trigger} {folder}/${name}; {folder}/${name} ${lseek.join(' ')}`
}

/** A case whose policy has one selector, on that call. */
export function lseekCase(
  covers: Construct,
  name: string,
  selector: string,
  hit: Trigger,
  miss?: Trigger,
  more: Partial<PolicyCase> = {},
): PolicyCase {
  const policy = `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  selectors:
  - matchArgs:
    - index: 0
      operator: Equal
      values: ["-1"]
${selector.replace(/^\n+/, '').replace(/^/gm, '    ')}`
  return { covers, name, policy, hit, ...(miss ? { miss } : {}), ...more }
}
