import assert from 'node:assert/strict'
import type { HookEvent } from '@tetragon-ts/agent/testing'
import { nativeNumber } from '../arguments/native-number.ts'
import type { PolicyCase, Trigger } from '../policy-case.ts'

const bad = { Message: 'Bad address for basic type' }
const covers = { kind: 'argument', name: 'string' } as const

/** Hooks with the path of an openat, each with another back end if the kernel has several. */
const places = {
  'a system call': `
      kprobes:
      - call: sys_openat
        syscall: true
        args:
        - index: 1
          type: string`,
  'a system call with its result': `
      kprobes:
      - call: sys_openat
        syscall: true
        return: true
        args:
        - index: 1
          type: string
        returnArg:
          index: 0
          type: int`,
  'many system calls': `
      lists:
      - name: calls
        type: syscalls
        values: [sys_openat, sys_mkdirat, sys_unlinkat, sys_mknodat, sys_fchownat, sys_faccessat,
          sys_fchmodat, sys_readlinkat, sys_futimesat]
      kprobes:
      - call: list:calls
        syscall: true
        args:
        - index: 1
          type: string`,
  'the tracepoint of a system call': `
      tracepoints:
      - subsystem: syscalls
        event: sys_enter_openat
        args:
        - index: 6
          type: string`,
} as const
type Place = keyof typeof places

function index(place: Place): number {
  return place === 'the tracepoint of a system call' ? 6 : 1
}

function opening(place: Place, operator: string, values: string): string {
  return `${places[place]}
        selectors:
        - matchArgs:
          - index: ${index(place)}
            operator: ${operator}
            values: [${values}]`
}

/** The path of each event, or that it could not be read. */
function paths(events: readonly HookEvent[]): (string | undefined)[] {
  return events.map(({ args }) => args[0].error_arg?.Message ?? args[0].string_arg)
}

const open = (path: string, times = 50): Trigger => `{trigger} times ${times} absent open ${path}`
const noFile: Trigger = '{trigger} times 50 try absent open /etc/no-such-file'

function everyPlace(make: (place: Place) => readonly PolicyCase[]): readonly PolicyCase[] {
  return (Object.keys(places) as Place[]).flatMap(make)
}

/** A path in an absent page: the result is the same as for a present one. */
const absentCases = everyPlace((place) => {
  const operators: readonly (readonly [string, string])[] =
    place === 'a system call'
      ? [
          ['Equal', '"/etc/passwd"'],
          ['Prefix', '"/etc/pass"'],
          ['Postfix', '"/passwd"'],
          ['SubString', '"c/passw"'],
          ['NotPrefix', '"/etc/no", "/proc/"'],
          ['Equal', Array.from({ length: 9 }, (_, i) => `"/etc/passwd${i || ''}"`).join()],
        ]
      : [['Equal', '"/etc/passwd"']]
  // The C library reads the link when it starts.
  return [...operators, ['NotEqual', '"/etc/no-such-file", "/proc/self/exe"'] as const].map(
    ([operator, values], i) => ({
      name: `${place}, ${operator}, paths that are absent or cannot be read (${i})`,
      covers,
      policy: opening(place, operator, values),
      hit: [...words(open('/etc/passwd')), '--', 'open-bad', '1'],
      miss: words(noFile),
      count: 51,
      expect(_: HookEvent, all: readonly HookEvent[]) {
        const read = paths(all)
        assert.equal(read.pop(), bad.Message)
        assert.deepEqual([...new Set(read)], ['/etc/passwd'])
      },
    }),
  )
})

function words(trigger: Trigger): readonly string[] {
  return typeof trigger === 'string' ? trigger.split(' ').slice(1) : trigger
}

export const unreadableCases: readonly PolicyCase[] = [
  ...absentCases,
  {
    name: 'a null pointer has no text',
    covers,
    policy: opening('a system call', 'Equal', '"/etc/passwd"'),
    hit: ['open', '/etc/passwd'],
    miss: ['open-bad', '0'],
  },
  {
    name: 'a constant path of the program',
    covers,
    policy: opening('a system call', 'Equal', '"/etc/shadow"'),
    hit: ['times', '50', 'open-literal'],
    count: 50,
    expect(_, all) {
      assert.deepEqual([...new Set(paths(all))], ['/etc/shadow'])
    },
  },
  {
    name: 'another thread repeatedly removes the page',
    covers,
    policy: opening('a system call', 'Equal', '"/etc/passwd"'),
    hit: ['open-race', '2000', '/etc/passwd'],
    miss: ['absent', 'open', '/etc/group'],
    count: 2000,
    expect(_, all) {
      for (const path of paths(all)) assert.ok(path === '/etc/passwd' || path === bad.Message)
    },
  },
  {
    name: 'the selector that matches is found when the call returns',
    covers,
    policy: `${places['a system call']}
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["/etc/group"]
          matchActions:
          - action: NoPost
        - matchArgs:
          - index: 1
            operator: Prefix
            values: ["/etc/pass"]`,
    hit: words(open('/etc/passwd')),
    miss: words(open('/etc/group')),
    count: 50,
    expect(_, all) {
      assert.deepEqual([...new Set(paths(all))], ['/etc/passwd'])
    },
  },
  {
    name: 'an undecided selector does not suppress the event',
    covers,
    policy: `${places['a system call']}
        selectors:
        - matchArgs:
          - index: 1
            operator: NotEqual
            values: ["/etc/passwd"]
          matchActions:
          - action: NoPost
        - matchArgs:
          - index: 1
            operator: Prefix
            values: ["/etc"]`,
    hit: ['open-bad', '1', '--', 'absent', 'open', '/etc/passwd'],
    miss: ['absent', 'open', '/etc/group'],
    count: 2,
    expect(_, all) {
      assert.deepEqual(paths(all), [bad.Message, '/etc/passwd'])
    },
  },
  {
    name: 'the result of a call is posted with a path that was absent',
    covers,
    policy: `${places['a system call with its result']}
        selectors:
        - matchArgs:
          - index: 1
            operator: Prefix
            values: ["/etc/"]
          matchReturnArgs:
          - index: 0
            operator: Equal
            values: ["-2"]`,
    hit: words(noFile),
    miss: words(open('/etc/passwd')),
    count: 50,
    expect({ body }, all) {
      assert.deepEqual([...new Set(paths(all))], ['/etc/no-such-file'])
      assert.equal(body.return?.int_arg, -2)
    },
  },
  {
    name: 'the second of two paths is absent, the first is as it was at the entry',
    covers,
    policy: `
      kprobes:
      - call: sys_renameat2
        syscall: true
        args:
        - index: 1
          type: string
        - index: 3
          type: string
        selectors:
        - matchArgs:
          - index: 1
            operator: Prefix
            values: ["/no/"]
          - index: 3
            operator: Equal
            values: ["/no/new"]`,
    hit: ['try', 'absent', 'rename', '/no/old', '/no/new'],
    miss: ['try', 'absent', 'rename', '/no/old', '/no/newer'],
    expect({ args }) {
      assert.deepEqual(
        args.map(({ string_arg }) => string_arg),
        ['/no/old', '/no/new'],
      )
    },
  },
  {
    name: 'a hook without a return posts unreadable arguments',
    covers,
    policy: `
      tracepoints:
      - subsystem: raw_syscalls
        event: sys_enter
        raw: true
        args:
        - index: 0
          type: string
          btfType: pt_regs
          resolve: ${process.arch === 'arm64' ? 'user_regs.regs[1]' : 'si'}
        - index: 1
          type: int64
        selectors:
        - matchArgs:
          - index: 1
            operator: Equal
            values: ["${nativeNumber('openat')}"]
          - index: 0
            operator: Equal
            values: ["/etc/passwd"]`,
    hit: words('{trigger} absent open /etc/group -- open /etc/passwd -- open-bad 1'),
    miss: ['open', '/etc/group'],
    count: 3,
    expect(_, all) {
      assert.deepEqual(paths(all), [bad.Message, '/etc/passwd', bad.Message])
    },
  },
  {
    name: 'the kind of file system of a mount',
    covers,
    policy: `
      kprobes:
      - call: sys_mount
        syscall: true
        args:
        - index: 0
          type: string
        - index: 2
          type: string
        selectors:
        - matchArgs:
          - index: 2
            operator: Equal
            values: ["no-such-fs"]`,
    hit: ['try', 'absent', 'mount', 'source', '{folder}', 'no-such-fs'],
    miss: ['try', 'absent', 'mount', 'source', '{folder}', 'no-other-fs'],
    expect({ args }) {
      assert.deepEqual(
        args.map(({ string_arg }) => string_arg),
        ['source', 'no-such-fs'],
      )
    },
  },
]
