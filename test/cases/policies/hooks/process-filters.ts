import { lseek } from '../matchers/lseek.ts'
import type { PolicyCase, Trigger } from '../policy-case.ts'

const covers = { kind: 'hook', name: 'processes' } as const

const CLONE_NEWUTS = '0x04000000'
const CLONE_NEWIPC = '0x08000000'

/** Of all programs in the folder of the case, which no other process executes. */
const postsNone = `
  - matchBinaries: [{operator: Prefix, values: ["{folder}/"]}]
    matchActions: [{action: NoPost}]`

/** The last word of the command line has the index 4. */
const call = (word: string): string => ['try', 'lseek', '-1', '5', word].join(' ')

/** Executes a copy of the workload in the folder, with this last word. */
const byCopy = (name: string, word = '0'): string =>
  `cp {trigger} {folder}/${name}; {folder}/${name} ${call(word)}`

/** Executes a copy after these commands of the workload. */
const after = (commands: string): string =>
  `cp {trigger} {folder}/program; {trigger} ${commands} -- exec {folder}/program ${lseek.join(' ')}`

/** Executes a copy in a child of another copy. */
const inChildOf = (name: string): string =>
  `cp {trigger} {folder}/${name}; cp {trigger} {folder}/program; ` +
  `{folder}/${name} fork exec {folder}/program ${lseek.join(' ')}`

/** Executes a copy without this capability. */
const without = (name: string): string =>
  `cp {trigger} {folder}/program; setpriv --bounding-set=-${name} {folder}/program ${lseek.join(' ')}`

/** A case whose policy posts only the execs that a selector matches, and exits. */
function filterCase(
  name: string,
  condition: string,
  hit: Trigger,
  miss: Trigger,
  more: Partial<PolicyCase> = {},
): PolicyCase {
  const policy = `
processes:
- selectors:
  - ${condition}${postsNone}`
  return { covers, name, policy, hit, miss, posts: 'execs', ...more }
}

/** Filters that need no other cases: a dry run finds the same. */
const byConditions: readonly PolicyCase[] = [
  filterCase(
    'by binary',
    'matchBinaries: [{operator: In, values: ["{folder}/wanted"]}]',
    byCopy('wanted'),
    byCopy('other'),
  ),
  filterCase(
    'by binary: NoPost',
    `matchBinaries: [{operator: In, values: ["{folder}/unwanted"]}]
    matchActions: [{action: NoPost}]
  - matchBinaries: [{operator: Postfix, values: [ed]}]`,
    byCopy('wanted'),
    byCopy('unwanted'),
    { onHost: true },
  ),
  filterCase(
    'by arguments: one of them',
    'matchCmdArgs: [{index: 4, operator: Equal, values: ["77"]}]',
    byCopy('program', '77'),
    byCopy('program', '7'),
  ),
  filterCase(
    'by arguments: any of them',
    'matchCmdArgs: [{anyIndex: true, operator: Prefix, values: ["--flag"]}]',
    byCopy('program', '0 --flag=1'),
    byCopy('program', '0 a--flag=1'),
  ),
  filterCase(
    'by the binary of the parent',
    'matchParentBinaries: [{operator: In, values: ["{folder}/parent"]}]',
    inChildOf('parent'),
    inChildOf('other'),
  ),
  filterCase(
    "by namespaces: another one than the host's",
    'matchNamespaces: [{namespace: Uts, operator: NotIn, values: [host_ns]}]',
    after(`unshare ${CLONE_NEWUTS}`),
    after(`unshare ${CLONE_NEWIPC}`),
  ),
  filterCase(
    'by capabilities: those of the new program',
    'matchCapabilities: [{type: Effective, operator: NotIn, values: [CAP_SYS_ADMIN]}]',
    without('sys_admin'),
    without('sys_module'),
    { needs: { programs: ['/usr/bin/setpriv'] } },
  ),
  filterCase(
    'two conditions, of which both must hold',
    `matchBinaries: [{operator: In, values: ["{folder}/wanted"]}]
    matchCmdArgs: [{index: 4, operator: Equal, values: ["77"]}]`,
    `${byCopy('wanted', '77')}`,
    `${byCopy('wanted', '7')}; ${byCopy('other', '77')}`,
    { onHost: true },
  ),
]

export const processFilterCases: readonly PolicyCase[] = [
  ...byConditions,
  filterCase(
    'at most one exec in an hour',
    `matchBinaries: [{operator: In, values: ["{folder}/wanted"]}]
    matchActions: [{action: Post, rateLimit: 1h, rateLimitScope: global}]`,
    `${byCopy('wanted')}; {folder}/wanted ${call('1')}; {folder}/wanted ${call('2')}`,
    byCopy('other'),
    { onHost: true },
  ),
  {
    covers,
    name: 'conditions on arguments of hooks are refused',
    policy: `
processes:
- selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["77"]}]`,
    hit: lseek,
    refused: /matchArgs needs arguments of a hook: use matchCmdArgs/,
    onHost: true,
  },
]

/** Cases that events decide as the kernel does. */
export const decidedFilterCases = byConditions
