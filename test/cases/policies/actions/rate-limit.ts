import type { PolicyCase } from '../policy-case.ts'

const Post = { kind: 'action', name: 'Post' } as const

function policy(limit: string): string {
  return `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: int
  - index: 1
    type: int64
  selectors:
  - matchBinaries:
    - operator: In
      values: ["{trigger}"]
    matchArgs:
    - index: 0
      operator: Equal
      values: ["-1"]
    matchActions:
    - action: Post
${limit.replace(/^/gm, '      ')}`
}

const call = 'lseek -1 1 0'
const twice = `times 2 try ${call}`

const opens = `
kprobes:
- call: sys_openat
  syscall: true
  args: [{index: 1, type: string}]
  selectors:
  - matchArgs: [{index: 1, operator: Prefix, values: ["/0123456789"]}]
    matchActions: [{action: Post, rateLimit: 1h}]`

export const rateLimitCases: readonly PolicyCase[] = [
  {
    name: 'no limit',
    covers: Post,
    policy: policy(''),
    hit: ['times', '5', 'try', 'lseek', '-1', '1', '0'],
    count: 5,
  },
  {
    name: 'once for equal arguments',
    covers: Post,
    policy: policy('rateLimit: 5m'),
    hit: `{trigger} ${twice} -- try lseek -1 2 0 -- ${twice}`,
    count: 2,
  },
  {
    name: 'once for each thread',
    covers: Post,
    policy: policy('rateLimit: 1h'),
    hit: `{trigger} ${twice} -- thread ${twice}`,
    count: 2,
  },
  {
    name: 'once for each process',
    covers: Post,
    policy: policy('rateLimit: 1h\nrateLimitScope: process'),
    hit: `{trigger} ${twice} -- thread ${twice} -- fork ${twice}`,
    count: 2,
  },
  {
    name: 'once for all',
    covers: Post,
    policy: policy('rateLimit: 1h\nrateLimitScope: global'),
    hit: `{trigger} ${twice} -- fork ${twice}; {trigger} ${twice}`,
    count: 1,
  },
  {
    name: 'again after the interval',
    covers: Post,
    policy: policy('rateLimit: 3s\nrateLimitScope: global'),
    hit: `{trigger} ${twice}; sleep 3.1; {trigger} ${twice}`,
    count: 2,
  },
  {
    name: '40 bytes of texts are compared',
    covers: Post,
    policy: opens,
    hit: [
      ...['try', 'open', '/0123456789012345678901234567890123456789a', '0', '--'],
      ...['try', 'open', '/0123456789012345678901234567890123456789b', '0', '--'],
      ...['try', 'open', '/012345678901234567890123456789012345x6789', '0', '--'],
      ...['try', 'open', '/0123456789', '0', '--', 'try', 'open', '/0123456789', '0'],
    ],
    count: 3,
  },
  {
    name: 'a text is compared without the end of a longer one before it',
    covers: Post,
    policy: opens,
    hit: [
      ...['try', 'open', '/0123456789', '0', '--', 'try', 'open', '/0123456789abcdefgh', '0'],
      ...['--', 'try', 'open', '/0123456789', '0'],
    ],
    count: 2,
  },
]
