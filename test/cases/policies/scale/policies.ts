/**
 * Policies of unusual size. Their hooks are at lseek, whose arguments a process can choose freely.
 */

export interface SizedPolicy {
  readonly name: string
  readonly spec: string
}

/** The whole document. */
export function policyText({ name, spec }: SizedPolicy): string {
  const head = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata:\n  name: ${name}\n`
  return `${head}spec:\n${spec.replace(/^/gm, '  ')}\n`
}

/** A policy that posts lseek of this descriptor. */
export function descriptorPolicy(name: string, fd: number): SizedPolicy {
  const spec = `
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
      values: ["${fd}"]`
  return { name, spec }
}

const argumentTypes = ['int', 'string', 'int', 'uint32', 'uint64', 'int64', 'size_t', 'uint8']

/** 40 selectors, 500 strings, 10 arguments. */
export function largePolicy(folder: string): SizedPolicy {
  const own = argumentTypes.map((type, i) => ({ type, index: i < 4 ? i : 2, label: '' }))
  const args = [
    ...own,
    { type: 'string', index: 1, label: 'name' },
    { type: 'int16', index: 3, label: 'mode' },
  ].map(({ type, index, label }) => {
    const more = label === '' ? '' : `\n    label: ${label}`
    return `\n  - index: ${index}\n    type: ${type}${more}`
  })
  const strings = Array.from({ length: 500 }, (_, i) => largeString(folder, i))
  const selectors = Array.from({ length: 40 }, (_, selector) => {
    const values = selector < 39 ? [`/none/${selector}`] : strings
    const lines = values.map((value) => `\n      - "${value}"`)
    return `
  - matchArgs:
    - args: [1]
      operator: Equal
      values:${lines.join('')}
    - args: [3]
      operator: ${selector % 2 === 0 ? 'Mask' : 'GreaterThan'}
      values: ["${0o100 + selector}"]`
  })
  const spec = `
kprobes:
- call: sys_openat
  syscall: true
  args:${args.join('')}
  selectors:${selectors.join('')}`
  return { name: 'large', spec }
}

/** A path in the large policy: all lengths up to two hundred and some. */
export function largeString(folder: string, number: number): string {
  return `${folder}/${number}${'x'.repeat(number % 190)}`
}
