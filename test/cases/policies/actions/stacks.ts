import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'

interface Entry {
  readonly symbol?: string
  readonly module?: string
}

function policy(field: string): string {
  return `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 1
    type: int64
  selectors:
  - matchArgs:
    - index: 1
      operator: Equal
      values: ["4"]
  - matchArgs:
    - index: 1
      operator: Equal
      values: ["5"]
    matchActions:
    - action: Post
      ${field}: true`
}

const hit = ['try', 'lseek', '-1', '5', '0', '--', 'try', 'lseek', '-1', '4', '0']

function stacks(
  all: readonly { readonly body: object }[],
  field: string,
): (readonly Entry[] | undefined)[] {
  return all.map(({ body }) => (body as Record<string, readonly Entry[] | undefined>)[field])
}

export const stackCases: readonly PolicyCase[] = [
  {
    name: 'kernelStackTrace',
    covers: { kind: 'action', name: 'Post' },
    policy: policy('kernelStackTrace'),
    hit,
    count: 2,
    expect(_, all) {
      const [stack, none] = stacks(all, 'kernel_stack_trace')
      const symbols = (stack ?? []).map(({ symbol }) => symbol)
      assert.ok(
        symbols.some((symbol) => /syscall/.test(symbol ?? '')),
        symbols.join(),
      )
      assert.equal(none?.length ?? 0, 0)
    },
  },
  {
    name: 'userStackTrace',
    covers: { kind: 'action', name: 'Post' },
    policy: policy('userStackTrace'),
    hit: `{trigger} ${hit.join(' ')} -- kill 19 & sleep 0.5; kill -CONT $!; wait $!`,
    count: 2,
    expect(_, all, { trigger }) {
      const [stack, none] = stacks(all, 'user_stack_trace')
      const modules = (stack ?? []).map(({ module }) => module)
      assert.equal(modules[0], trigger)
      assert.equal(none?.length ?? 0, 0)
    },
  },
]
