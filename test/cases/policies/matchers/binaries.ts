import assert from 'node:assert/strict'
import type { PolicyCase } from '../policy-case.ts'
import { before, byCopy, lseek, lseekCase } from './lseek.ts'

const matchBinaries = { kind: 'matcher', name: 'matchBinaries' } as const
const matchParentBinaries = { kind: 'matcher', name: 'matchParentBinaries' } as const

function select(field: string, operator: string, value: string, more = ''): string {
  return `
${field}:
- operator: ${operator}
  values: ["${value}"]
${more}`
}

const call = lseek.join(' ')
/** Runs it 20 times with as few pids as possible: the last used pid is set in the kernel. */
function withPidsAgain(commands: string): string {
  return `
    cp {trigger} {folder}/wanted
    cp {trigger} {folder}/other
    last=$(sh -c 'echo $$')
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      for command in ${commands
        .split('; ')
        .map((command) => `'${command}'`)
        .join(' ')}; do
        echo $last > /proc/sys/kernel/ns_last_pid || true
        $command
      done
    done 2> /dev/null`
}

/** Creates a script that waits for a line before the call. */
const later = `printf '#!/bin/sh\\nread line\\nexec {trigger} ${call}\\n' > {folder}/later; chmod +x {folder}/later`
const inChild = `fork exec {trigger} ${call}`
/** By a copy of the workload, in a child of a shell that is also its copy's parent. */
const inSibling = (name: string): string =>
  `cp {trigger} {folder}/${name}; {folder}/${name} sibling ${call}; wait`

export const binaryCases: readonly PolicyCase[] = [
  lseekCase(
    matchBinaries,
    'In',
    select('matchBinaries', 'In', '/no/such/program", "{folder}/wanted'),
    byCopy('wanted'),
    byCopy('other'),
  ),
  lseekCase(
    matchBinaries,
    'NotIn',
    select('matchBinaries', 'NotIn', '{folder}/unwanted", "/usr/bin/cp'),
    byCopy('other'),
    byCopy('unwanted'),
  ),
  lseekCase(
    matchBinaries,
    'Prefix',
    select('matchBinaries', 'Prefix', '{folder}/want'),
    byCopy('wanted'),
    byCopy('unwanted'),
  ),
  lseekCase(
    matchBinaries,
    'NotPrefix',
    select('matchBinaries', 'NotPrefix', '{folder}/un", "/usr/bin/cp'),
    byCopy('wanted'),
    byCopy('unwanted'),
  ),
  lseekCase(
    matchBinaries,
    'Postfix',
    select('matchBinaries', 'Postfix', '/wanted'),
    byCopy('wanted'),
    byCopy('unwanted'),
  ),
  lseekCase(
    matchBinaries,
    'NotPostfix',
    select('matchBinaries', 'NotPostfix', 'unwanted", "/cp'),
    byCopy('wanted'),
    byCopy('unwanted'),
  ),
  lseekCase(
    matchBinaries,
    'of many',
    `
matchBinaries:
- operator: In
  values: [${Array.from({ length: 500 }, (_, i) => `"{folder}/wanted-${i}"`).join(', ')}]`,
    byCopy('wanted-321'),
    byCopy('wanted-500'),
  ),
  lseekCase(
    matchBinaries,
    'two entries, of which both must hold',
    `
matchBinaries:
- operator: Prefix
  values: ["{folder}/a"]
- operator: NotPostfix
  values: ["z"]`,
    byCopy('abc'),
    byCopy('abcz'),
  ),
  lseekCase(
    matchBinaries,
    'no longer that program',
    select('matchBinaries', 'In', '{folder}/wanted'),
    byCopy('wanted'),
    `cp {trigger} {folder}/wanted; {folder}/wanted exec {trigger} ${call}`,
  ),
  lseekCase(
    matchBinaries,
    'a child that has not executed anything yet',
    select('matchBinaries', 'In', '{folder}/wanted'),
    `cp {trigger} {folder}/wanted; {folder}/wanted fork ${call}`,
    `cp {trigger} {folder}/other; {folder}/other fork ${call}`,
  ),
  lseekCase(
    matchBinaries,
    'CLONE_PARENT: the program of the process that cloned it',
    select('matchBinaries', 'In', '{folder}/wanted'),
    inSibling('wanted'),
    inSibling('other'),
    {
      everyKernel: true,
      expect({ body: { process, parent } }, _, { folder }) {
        assert.equal(process?.binary, `${folder}/wanted`)
        assert.equal(process?.arguments, `sibling ${call}`)
        assert.notEqual(parent?.binary, `${folder}/wanted`)
        assert.equal(process?.parent_exec_id, parent?.exec_id)
      },
    },
  ),
  lseekCase(
    matchBinaries,
    'processes that ran before the policy',
    select('matchBinaries', 'In', '{folder}/wanted'),
    `cp {trigger} {folder}/wanted; exec {folder}/wanted wait -- ${call}`,
    `cp {trigger} {folder}/other; exec {folder}/other wait -- ${call}`,
    { startFirst: true },
  ),
  {
    name: 'of a script: its interpreter',
    covers: matchBinaries,
    policy: `
      kprobes:
      - call: sys_kill
        syscall: true
        args:
        - index: 1
          type: int
        selectors:
        - matchBinaries:
          - operator: In
            values: ["/usr/bin/dash", "/usr/bin/bash"]
          matchArgs:
          - index: 1
            operator: Equal
            values: ["0"]`,
    hit: "printf '#!/bin/sh\\nkill -0 $$\\n' > script; chmod +x script; ./script",
    miss: ['kill', '0'],
  },
  lseekCase(
    matchBinaries,
    'followChildren: children of children, whatever they execute',
    select('matchBinaries', 'In', '{folder}/wanted', '  followChildren: true'),
    `cp {trigger} {folder}/wanted; {folder}/wanted fork exec {trigger} fork exec {trigger} ${call}`,
    `cp {trigger} {folder}/other; {folder}/other ${inChild}`,
  ),
  lseekCase(
    matchBinaries,
    'followChildren: NotIn',
    select('matchBinaries', 'NotIn', '{folder}/wanted", "/usr/bin/cp', '  followChildren: true'),
    `cp {trigger} {folder}/other; {folder}/other ${inChild}`,
    `cp {trigger} {folder}/wanted; {folder}/wanted ${inChild}`,
  ),
  lseekCase(
    matchBinaries,
    'followChildren: children that ran before the policy',
    select('matchBinaries', 'In', '{folder}/wanted', '  followChildren: true'),
    `cp {trigger} {folder}/wanted; ${later}; {folder}/wanted fork exec {folder}/later`,
    `cp {trigger} {folder}/other; ${later}; {folder}/other fork exec {folder}/later`,
    { startFirst: true },
  ),
  lseekCase(
    matchBinaries,
    'a pid that comes back at once for the same program',
    select('matchBinaries', 'In', '{folder}/wanted'),
    withPidsAgain(`{folder}/wanted ${call}`),
    withPidsAgain(`{folder}/wanted kill 0; {folder}/other ${call}`),
    { count: 20 },
  ),
  lseekCase(
    matchBinaries,
    'resolveLinks: the file that a link leads to',
    select('matchBinaries', 'In', '{folder}/link', '  resolveLinks: true'),
    `cp {trigger} {folder}/wanted; ln -s wanted {folder}/link; exec {folder}/wanted wait -- ${call}`,
    `cp {trigger} {folder}/other; exec {folder}/other wait -- ${call}`,
    { startFirst: true },
  ),
  lseekCase(
    matchBinaries,
    'resolveLinks: NotIn',
    select('matchBinaries', 'NotIn', '{folder}/link", "/usr/bin/cp', '  resolveLinks: true'),
    `cp {trigger} {folder}/other; exec {folder}/other wait -- ${call}`,
    `cp {trigger} {folder}/wanted; ln -s wanted {folder}/link; exec {folder}/link wait -- ${call}`,
    { startFirst: true },
  ),
  lseekCase(
    matchParentBinaries,
    'In',
    select('matchParentBinaries', 'In', '{folder}/parent'),
    `cp {trigger} {folder}/parent; {folder}/parent ${inChild}`,
    `cp {trigger} {folder}/parent; {folder}/parent ${call}`,
  ),
  lseekCase(
    matchParentBinaries,
    'NotPrefix',
    select('matchParentBinaries', 'NotPrefix', '{folder}/par'),
    `cp {trigger} {folder}/other; {folder}/other ${inChild}`,
    `cp {trigger} {folder}/parent; {folder}/parent ${inChild}`,
    // The parents of the workload and of its forks do not match either.
    { count: 1 },
  ),
  lseekCase(
    matchParentBinaries,
    'the program that a process replaced',
    select('matchParentBinaries', 'In', '{folder}/first'),
    `cp {trigger} {folder}/first; {folder}/first exec {trigger} ${call}`,
    `cp {trigger} {folder}/first; {folder}/first exec {trigger} exec {trigger} ${call}`,
  ),
  lseekCase(
    matchParentBinaries,
    'CLONE_PARENT: the program of the parent',
    select('matchParentBinaries', 'In', '{folder}/parent'),
    `cp {trigger} {folder}/parent; {folder}/parent fork sibling ${call}`,
    `cp {trigger} {folder}/parent; ${inSibling('parent')}`,
    {
      everyKernel: true,
      expect({ body: { parent } }, _, { folder }) {
        assert.equal(parent?.binary, `${folder}/parent`)
      },
    },
  ),
  lseekCase(
    matchParentBinaries,
    'CLONE_PARENT, then another program: the program of the parent',
    select('matchParentBinaries', 'In', '{folder}/parent'),
    // Through a pipe: the shell waits for all that write to it.
    `cp {trigger} {folder}/parent; {folder}/parent fork exec {trigger} sibling exec {trigger} ${call} | cat`,
    `cp {trigger} {folder}/parent; {folder}/parent sibling exec {trigger} ${call} | cat`,
  ),
  lseekCase(
    matchParentBinaries,
    'followChildren: any ancestor',
    select('matchParentBinaries', 'In', '{folder}/old', '  followChildren: true'),
    `cp {trigger} {folder}/old; {folder}/old fork exec {trigger} fork exec {trigger} ${call}`,
    `cp {trigger} {folder}/new; {folder}/new fork exec {trigger} fork exec {trigger} ${call}`,
  ),
  lseekCase(
    matchParentBinaries,
    'a parent that ran before the policy',
    select('matchParentBinaries', 'In', '{folder}/parent'),
    `cp {trigger} {folder}/parent; {folder}/parent fork wait -- ${call}`,
    before('wait'),
    { startFirst: true },
  ),
]
