import type { PolicyCase, Trigger } from '../policy-case.ts'
import { lseekCase } from './lseek.ts'

const covers = { kind: 'matcher', name: 'matchCmdArgs' } as const

interface Condition {
  readonly index?: number | 'any'
  readonly operator: string
  readonly values: readonly string[]
  readonly ignoreCase?: boolean
}

function select(...conditions: readonly Condition[]): string {
  const items = conditions.map(
    ({ index = 0, operator, values, ignoreCase = false }) => `
- ${index === 'any' ? 'anyIndex: true' : `index: ${index}`}
  operator: ${operator}
  values: ${JSON.stringify(values)}
  ignoreCase: ${ignoreCase}`,
  )
  return `matchCmdArgs:${items.join('')}`
}

function commandCase(
  name: string,
  condition: Condition | readonly Condition[],
  hit: Trigger,
  miss?: Trigger,
  more: Partial<PolicyCase> = {},
): PolicyCase {
  const conditions = [condition].flat() as Condition[]
  return lseekCase(covers, name, select(...conditions), hit, miss, more)
}

/** `trigger try lseek -1 5 WORD`: the word has the index 4. */
const lseek = (word: string): readonly string[] => ['try', 'lseek', '-1', '5', word]
const run = (word: string): string => `{trigger} ${lseek(word).join(' ')}`
const last = { index: 4 } as const
const everyKernel = { everyKernel: true } as const

/** A value of 120,000 bytes in the shell's `$long`, which is less than MAX_ARG_STRLEN. */
const long = `long=$(head -c 120000 /dev/zero | tr '\\0' a)`
/** The call with 17 such values, 2 MB, after it, and then a word with the index 22. */
const afterLong = (word: string): string =>
  `${long}; {trigger} try lseek -1 5 7 ${Array(17).fill('$long').join(' ')} ${word}`

/** A script whose shell changes its directory, and a policy on that. */
const script = `printf '#!/bin/sh -e\\ncd /\\n' > {folder}/script; chmod +x {folder}/script`
/** A script that the first one runs. */
const outerScript = (name: string): string =>
  `printf '#!{folder}/script\\n' > {folder}/${name}; chmod +x {folder}/${name}`
const scriptPolicy = (index: number, value: string): string => `
kprobes:
- call: sys_chdir
  syscall: true
  args:
  - index: 0
    type: string
  selectors:
  - matchCmdArgs:
    - index: ${index}
      operator: Equal
      values: ["${value}"]`

/** Kills a process whose argument is too long to be known. */
const killing = (allow: boolean): string => `
options:
- name: policy-mode
  value: enforce
${allow ? '- name: unreadable-arguments\n  value: allow' : ''}
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
    matchBinaries:
    - operator: In
      values: ["{trigger}"]
    matchCmdArgs:
    - index: 5
      operator: Postfix
      values: ["no-such-end"]
    matchActions:
    - action: Sigkill`
const withLongWord = `${long}; exec {trigger} try lseek -1 5 7 $long`

const variant = (name: string, word: string): string => `{program} ${name} ${run(word)}`
const variants = { program: 'exec-variants', everyKernel: true } as const

export const commandArgumentCases: readonly PolicyCase[] = [
  commandCase(
    'Equal',
    { ...last, operator: 'Equal', values: ['76', '77'] },
    lseek('77'),
    lseek('777'),
    everyKernel,
  ),
  commandCase(
    'NotEqual',
    [
      { index: 0, operator: 'Equal', values: ['try'] },
      { ...last, operator: 'NotEqual', values: ['77'] },
    ],
    lseek('7'),
    lseek('77'),
    everyKernel,
  ),
  commandCase(
    'Prefix',
    { ...last, operator: 'Prefix', values: ['77'] },
    lseek('7712'),
    lseek('1277'),
  ),
  commandCase(
    'NotPrefix',
    [
      { index: 0, operator: 'Prefix', values: ['t'] },
      { ...last, operator: 'NotPrefix', values: ['77'] },
    ],
    lseek('1277'),
    lseek('7712'),
  ),
  commandCase(
    'Postfix',
    { ...last, operator: 'Postfix', values: ['77'] },
    lseek('1277'),
    lseek('7712'),
  ),
  commandCase(
    'NotPostfix',
    [
      { index: 0, operator: 'Postfix', values: ['ry'] },
      { ...last, operator: 'NotPostfix', values: ['77'] },
    ],
    lseek('7712'),
    lseek('1277'),
  ),
  commandCase(
    'SubString',
    { ...last, operator: 'SubString', values: ['77'] },
    lseek('1773'),
    lseek('717'),
    everyKernel,
  ),
  commandCase(
    'many values of any length',
    {
      index: 5,
      operator: 'Equal',
      values: Array.from({ length: 40 }, (_, i) => `a${i}`.repeat(i + 1)),
    },
    [...lseek('0'), 'a39'.repeat(40)],
    [...lseek('0'), 'a39'.repeat(39)],
  ),
  commandCase(
    'any: Equal',
    { index: 'any', operator: 'Equal', values: ['--flag'] },
    [...lseek('0'), 'a', '--flag', 'b'],
    [...lseek('0'), 'a--flag', '--flags', '--fla', 'g'],
    everyKernel,
  ),
  commandCase(
    'any: Prefix',
    { index: 'any', operator: 'Prefix', values: ['--flag'] },
    [...lseek('0'), '--flag=1'],
    [...lseek('0'), 'a--flag=1'],
  ),
  commandCase(
    'any: Postfix',
    { index: 'any', operator: 'Postfix', values: ['.conf'] },
    [...lseek('0'), 'a.conf', 'b'],
    [...lseek('0'), 'a.conf.d', 'conf'],
  ),
  commandCase(
    'any: NotEqual means none',
    [
      { index: 0, operator: 'Equal', values: ['try'] },
      { index: 'any', operator: 'NotEqual', values: ['--flag'] },
    ],
    [...lseek('0'), '--flags'],
    [...lseek('0'), 'a', '--flag'],
  ),
  commandCase(
    'any: without the case of letters',
    { index: 'any', operator: 'SubString', values: ['PassWord='], ignoreCase: true },
    [...lseek('0'), '--pASSWORD=x'],
    [...lseek('0'), '--pASS', 'WORD=x'],
    everyKernel,
  ),
  commandCase(
    'Equal without the case of letters',
    { index: 5, operator: 'Equal', values: ['Flag'], ignoreCase: true },
    [...lseek('0'), 'fLAG'],
    [...lseek('0'), 'fLAGs'],
  ),
  commandCase(
    'case matters otherwise',
    { index: 5, operator: 'Equal', values: ['Flag'] },
    [...lseek('0'), 'Flag'],
    [...lseek('0'), 'flag'],
  ),
  commandCase(
    'an argument that does not exist matches Not… only',
    [
      { index: 0, operator: 'Equal', values: ['try'] },
      { index: 1023, operator: 'NotEqual', values: [''] },
    ],
    lseek('0'),
    undefined,
    everyKernel,
  ),
  commandCase(
    'an empty argument',
    { index: 5, operator: 'Equal', values: [''] },
    [...lseek('0'), '', 'x'],
    [...lseek('0'), 'x', ''],
  ),
  commandCase(
    'an empty argument is not another one',
    { index: 5, operator: 'Equal', values: ['x'] },
    [...lseek('0'), 'x'],
    [...lseek('0'), '', 'x'],
    everyKernel,
  ),
  commandCase(
    'behind an empty argument',
    { index: 6, operator: 'Equal', values: ['x'] },
    [...lseek('0'), '', 'x'],
    [...lseek('0'), '', 'y'],
    everyKernel,
  ),
  commandCase(
    'more than 32 arguments and 256 bytes',
    { index: 300, operator: 'Equal', values: ['here'] },
    [...lseek('0'), ...Array<string>(295).fill('word'), 'here'],
    [...lseek('0'), ...Array<string>(296).fill('word'), 'here'],
    everyKernel,
  ),
  commandCase(
    '2 MB before it',
    { index: 22, operator: 'Equal', values: ['here'] },
    afterLong('here'),
    afterLong('there'),
    { needs: { probes: ['bpf_loop'] } },
  ),
  commandCase(
    'any: 2 MB before it: unknown, which matches',
    { index: 'any', operator: 'Equal', values: ['here'] },
    afterLong('there'),
    undefined,
    everyKernel,
  ),
  commandCase(
    'a process that changes its arguments',
    { index: 1, operator: 'Equal', values: ['before'] },
    ['overwrite', 'before', 'behind', '--', ...lseek('0')],
    ['overwrite', 'behind', 'before', '--', ...lseek('0')],
    everyKernel,
  ),
  commandCase(
    'the name of the program is no argument',
    { index: 'any', operator: 'SubString', values: ['hidden'] },
    `bash -c 'exec -a name {trigger} ${lseek('0').join(' ')} hidden'`,
    `bash -c 'exec -a hidden {trigger} ${lseek('0').join(' ')} other'`,
    { needs: { programs: ['/usr/bin/bash'] } },
  ),
  commandCase(
    'a long name of the program',
    { ...last, operator: 'Equal', values: ['77'] },
    `bash -c 'exec -a "$(head -c 20000 /dev/zero | tr "\\0" a)" ${run('77')}'`,
    `bash -c 'exec -a "$(head -c 20000 /dev/zero | tr "\\0" a)" ${run('7')}'`,
    { needs: { programs: ['/usr/bin/bash'] } },
  ),
  commandCase(
    'no arguments at all',
    { index: 'any', operator: 'NotEqual', values: ['try'] },
    '{program} empty-argv {trigger}',
    `{program} fd ${run('0')}`,
    variants,
  ),
  ...['thread', 'fd', 'memfd', 'vfork'].map((name) =>
    commandCase(
      `exec by ${name}`,
      { ...last, operator: 'Equal', values: ['77'] },
      variant(name, '77'),
      variant(name, '7'),
      variants,
    ),
  ),
  commandCase(
    'a child has the arguments of its parent',
    { index: 5, operator: 'Equal', values: ['77'] },
    ['fork', ...lseek('77')],
    ['fork', ...lseek('7')],
    everyKernel,
  ),
  commandCase(
    'another program has other arguments',
    { index: 4, operator: 'Equal', values: ['77'] },
    ['exec', '{trigger}', ...lseek('77')],
    ['exec', '{trigger}', ...lseek('7'), '77'],
  ),
  {
    covers,
    name: 'a script: its path is the first argument of the interpreter, after its option',
    policy: scriptPolicy(1, '{folder}/script'),
    hit: `${script}; {folder}/script word`,
    miss: `${script}; cp {folder}/script {folder}/other; {folder}/other {folder}/script`,
    everyKernel: true,
  },
  {
    covers,
    name: 'a script: its own arguments',
    policy: scriptPolicy(2, 'word'),
    hit: `${script}; {folder}/script word`,
    miss: `${script}; {folder}/script other word`,
  },
  {
    covers,
    name: 'a script whose interpreter is a script: the arguments of the last interpreter',
    policy: scriptPolicy(2, '{folder}/outer'),
    hit: `${script}; ${outerScript('outer')}; {folder}/outer word`,
    miss: `${script}; ${outerScript('other')}; {folder}/other {folder}/outer`,
    everyKernel: true,
  },
  {
    covers,
    name: 'a script by another path: the path that was used',
    policy: scriptPolicy(1, '{folder}/script'),
    hit: `${script}; {folder}/script word`,
    miss: `${script}; exec 9< {folder}/script; /dev/fd/9 word; ln -s script link; ./link word`,
  },
  commandCase(
    'a process that was running before',
    { index: 6, operator: 'Equal', values: ['77'] },
    ['wait', '--', ...lseek('77')],
    ['wait', '--', ...lseek('7')],
    { startFirst: true, everyKernel: true },
  ),
  {
    covers,
    name: 'unknown arguments do not pass',
    policy: killing(false),
    hit: withLongWord,
    miss: ['try', 'lseek', '-1', '5', '7', 'short'],
    end: 'SIGKILL',
    everyKernel: true,
  },
  {
    covers,
    name: 'unknown arguments pass if the policy says so',
    policy: killing(true),
    hit: withLongWord,
    miss: ['try', 'lseek', '-1', '5', '7', 'short'],
    everyKernel: true,
  },
]
