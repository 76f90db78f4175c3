import assert from 'node:assert/strict'
import type { HookEvent } from '@tetragon-ts/agent/testing'
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

/** A hit by a process that then stops itself until its stacks were read. */
function held(words: readonly string[]): Pick<PolicyCase, 'hit' | 'isHeld'> {
  const hit = `
    {trigger} ${words.join(' ')} -- kill 19 &
    read line
    until grep -q '^State:.[TZ]' /proc/$!/status; do sleep 0.1; done
    kill -CONT $!; wait $!`
  return { hit, isHeld: true }
}

/** Frames of a program, and of what calls it. */
const ownFrame = /^bpf_(?:prog|trace_run|trampoline)|^__(?:bpf_trace|traceiter)_/

/** The stack in the kernel is that of a system call, and begins at the hook. */
function checkKernel(stack: readonly Entry[]): void {
  const symbols = stack.map(({ symbol }) => symbol ?? '')
  assert.ok(
    symbols.some((symbol) => /syscall/.test(symbol)),
    symbols.join(),
  )
  assert.doesNotMatch(symbols[0], ownFrame, symbols.join())
}

/** Both stacks of an event are those of a call of the kernel by the trigger. */
function checkBoth({ body }: HookEvent, trigger: string): void {
  const { kernel_stack_trace: kernel = [], user_stack_trace: user = [] } = body
  checkKernel(kernel)
  const [innermost] = user
  assert.equal(innermost?.module, trigger)
}

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
      checkKernel(stack ?? [])
      assert.equal(none?.length ?? 0, 0)
    },
  },
  {
    name: 'userStackTrace',
    covers: { kind: 'action', name: 'Post' },
    policy: policy('userStackTrace'),
    ...held(hit),
    count: 2,
    expect(_, all, { trigger }) {
      const [stack, none] = stacks(all, 'user_stack_trace')
      const modules = (stack ?? []).map(({ module }) => module)
      assert.equal(modules[0], trigger)
      assert.equal(none?.length ?? 0, 0)
    },
  },
  {
    name: 'stacks at a tracepoint',
    covers: { kind: 'action', name: 'Post' },
    policy: `
      tracepoints:
      - subsystem: raw_syscalls
        event: sys_enter
        args: [{index: 4}]
        selectors:
        - matchArgs: [{index: 4, operator: Equal, values: ["170"]}]
          matchActions: [{action: Post, kernelStackTrace: true, userStackTrace: true}]`,
    ...held(['try', 'syscall', '170', '0', '3', '5', '7', '9', '11']),
    miss: ['try', 'lseek', '-1', '4', '0'],
    expect(event, _, { trigger }) {
      checkBoth(event, trigger)
    },
  },
  {
    name: 'stacks at an LSM hook',
    covers: { kind: 'action', name: 'Post' },
    policy: `
      lsmhooks:
      - hook: file_open
        args: [{index: 0, type: file}]
        selectors:
        - matchArgs: [{index: 0, operator: Postfix, values: ["/opened"]}]
          matchActions: [{action: Post, kernelStackTrace: true, userStackTrace: true}]`,
    ...held(['open', '{folder}/opened', '0101']),
    miss: ['open', '{folder}/other', '0101'],
    expect(event, _, { trigger }) {
      checkBoth(event, trigger)
      // With kernels that call programs of LSM hooks by lists, too.
      const [first] = event.body.kernel_stack_trace ?? []
      assert.match(first?.symbol ?? '', /^(?:bpf_lsm_|security_)?file_open$|^fd_install$|syscall/)
    },
  },
]
