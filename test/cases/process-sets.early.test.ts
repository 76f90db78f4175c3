import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { repeats } from '@tetragon-ts/agent/testing'
import { membersMap } from '@tetragon-ts/compiler'
import { fillSet, policyTarget } from '@tetragon-ts/compiler/running-kernel'
import {
  afterExec,
  afterFork,
  descendants,
  executables,
  findProcess,
  type Membership,
  memberBits,
  ProcessSet,
  pidWalk,
} from '@tetragon-ts/compiler/testing'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { onDemand, program } from '@tetragon-ts/ebpf/lang'
import type { ProcessWalk } from '@tetragon-ts/sensors/process'
import { workload } from '@tetragon-ts/test/workloads'

// Sets that are filled while processes fork and execute programs. Their programs at a fork, at
// an exec and in a walk run on demand here, so that they can run in every order.

const target = policyTarget(Btf.open())
const { self, parent } = memberBits
const both = self | parent

/** Sets that one walk fills. */
class FilledSets implements Disposable {
  readonly #collection = new Collection(target)
  readonly #walk = pidWalk('/proc')
  readonly #sets

  constructor(memberships: readonly Membership[]) {
    this.#sets = memberships.map((membership) => {
      const set = new ProcessSet(membership)
      const load = (each: Parameters<Collection['load']>[0]) => this.#collection.load(each)
      const fork = load(
        program('fork', onDemand('forker', 'child'), (k, forker, child) =>
          afterFork(k, set, findProcess(k, forker), findProcess(k, child)),
        ),
      )
      const exec =
        membership.decidedAt === 'exec'
          ? load(
              program('exec', onDemand('pid'), (k, pid) =>
                afterExec(k, set, { task: findProcess(k, pid) }),
              ),
            )
          : undefined
      const filling = set.filling(this.#walk).map(load)
      return { set, fork, exec, filling }
    })
  }

  forked(forker: number, child: number): void {
    for (const { fork } of this.#sets) fork.testRun({ context: integers(forker, child) })
  }

  executed(pid: number): void {
    for (const { exec } of this.#sets) exec?.testRun({ context: integers(pid) })
  }

  /** Fills them with these processes, in this order. @param before runs before each visit */
  fill(pids: readonly number[], before: (visit: number) => void): void {
    let visits = 0
    const [{ filling }] = this.#sets
    const sets = this.#sets
    const walk: ProcessWalk = {
      ...this.#walk,
      run(loaded) {
        const step = filling.indexOf(loaded)
        for (const pid of pids) {
          before(visits++)
          for (const each of sets) each.filling[step].testRun({ context: integers(pid) })
        }
      },
    }
    fillSet(walk, filling, this.#collection)
  }

  /** For each set, whether a process is a member, and its parent. */
  bitsOf(pid: number): number[] {
    const members = this.#collection.map(membersMap)
    return this.#sets.map(({ set }) => (members.lookup({ set: set.number, pid })?.bits ?? 0) & both)
  }

  clear(): void {
    const members = this.#collection.map(membersMap)
    for (const key of [...members.keys()]) members.delete(key)
  }

  [Symbol.dispose](): void {
    this.#collection.close()
  }
}

function integers(...values: readonly number[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, BigInt).buffer)
}

/** Waits for the children of a process, which are in these states (proc_pid_stat(5)). */
async function childrenOf(pid: number, states: readonly string[]): Promise<number[]> {
  for (;;) {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    const children = text.match(/\d+/g) ?? []
    const found = states.map((state) => children.find((each) => stateOf(each) === state))
    const isWhole = children.length === states.length && !found.includes(undefined)
    if (isWhole) return found.map(Number)
    await sleep(1)
  }
}

function stateOf(pid: string): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').match(/\) (.) /)?.[1]
}

/** A process that ends with everything below it. */
class Tree implements AsyncDisposable {
  readonly root: ChildProcess
  readonly pids: number[] = []

  constructor([file, ...words]: readonly string[]) {
    this.root = spawn(file, words, { stdio: ['pipe', 'ignore', 'inherit'] })
  }

  /** Waits for the only child of a process, which waits itself. */
  async childOf(parent: number): Promise<number> {
    const [child] = await childrenOf(parent, ['S'])
    this.pids.push(child)
    return child
  }

  /**
   * Waits for a child of a process and its sibling, which waits. The first cannot be interrupted
   * until the second ends or executes a program (CLONE_VFORK).
   */
  async siblingsOf(parent: number): Promise<readonly [forker: number, sibling: number]> {
    const [forker, sibling] = await childrenOf(parent, ['D', 'S'])
    this.pids.push(forker, sibling)
    return [forker, sibling]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.root, 'exit')
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended with another one.
      }
    }
    this.root.kill('SIGKILL')
    await ended
  }
}

function orders<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]]
  return list.flatMap((first, i) => orders(list.toSpliced(i, 1)).map((rest) => [first, ...rest]))
}

const shell = realpathSync('/bin/sh')

function programIs(path: string, followChildren = false): Membership {
  return executables({ how: 'equal', negated: false, values: [path], followChildren })
}

/** A process that forks, the sibling that it makes with CLONE_PARENT, and their parent. */
interface SiblingCase {
  readonly command: readonly string[]
  /** Name of the parent, if it is not the first process. */
  readonly below?: true
  /** Sets, with the bits that the parent, the forking process and the sibling have at the end. */
  readonly sets: Readonly<Record<string, SiblingSet>>
}
interface SiblingSet {
  membership(root: number): Membership
  readonly expected: readonly [root: number, forker: number, sibling: number]
}

const byShell = (trigger: string) => [shell, '-c', `${trigger} sibling wait; :`]

/** By what the siblings are; each for the path of the program that they run. */
const siblingCases: Readonly<Record<string, (trigger: string) => SiblingCase>> = {
  'with the program of their parent': (trigger) => ({
    command: [trigger, 'fork', 'sibling', 'wait'],
    sets: {
      program: { membership: () => programIs(trigger), expected: [self, both, both] },
      'program, with children': {
        membership: () => programIs(trigger, true),
        expected: [self, both, both],
      },
    },
  }),
  'with another program than their parent': (trigger) => ({
    command: byShell(trigger),
    sets: {
      'their program': { membership: () => programIs(trigger), expected: [0, self, self] },
      "their parent's": { membership: () => programIs(shell), expected: [self, parent, parent] },
      "their parent's, with children": {
        membership: () => programIs(shell, true),
        expected: [self, both, both],
      },
      'descendants of their parent': {
        membership: (root) => descendants([root], false),
        expected: [self, both, both],
      },
    },
  }),
  'in a pid namespace': (trigger) => ({
    command: ['unshare', '--pid', '--fork', '--kill-child', ...byShell(trigger)],
    below: true,
    sets: {
      'descendants of its first process': {
        membership: () => descendants([1], true),
        expected: [self, both, both],
      },
    },
  }),
}

for (const [name, caseOf] of Object.entries(siblingCases)) {
  test(`a sibling ${name} is in its sets, in all orders of its fork and the walk`, async () => {
    const { command, below, sets } = caseOf(await workload('trigger'))
    await using tree = new Tree(command)
    const first = tree.root.pid ?? 0
    const root = below ? await tree.childOf(first) : first
    const [forker, sibling] = await tree.siblingsOf(root)
    const all = [root, forker, sibling]

    const wanted = Object.values(sets)
    using filled = new FilledSets(wanted.map(({ membership }) => membership(root)))
    const expected = all.map((_, i) => wanted.map((each) => each.expected[i]))
    // The two walks of a round.
    const visits = 2 * all.length
    // Undefined: it forked before there was a hook. The last one is after all rounds.
    for (const at of [undefined, ...Array(visits + 1).keys()]) {
      for (const order of orders(all)) {
        filled.clear()
        filled.fill(order, (visit) => {
          if (visit === at && visit < visits) filled.forked(forker, sibling)
        })
        if (at === visits) filled.forked(forker, sibling)
        const steps = order.map((pid) => ['root', 'forker', 'sibling'][all.indexOf(pid)])
        assert.deepEqual(
          all.map((pid) => filled.bitsOf(pid)),
          expected,
          `${steps}, fork at ${at}`,
        )
      }
    }
  })
}

/** When a process forks and executes a program, and when the hooks run: before which visit. */
interface Sequence {
  /** Undefined: before there was a hook. */
  readonly fork: number | undefined
  readonly exec: number
  readonly hook: number
}

/** Visits to two processes in the two walks of a round. */
const visits = 4

function sequences(): Sequence[] {
  const points = [...Array(visits + 1).keys()]
  return [undefined, ...points].flatMap((fork) =>
    points.flatMap((exec) =>
      points.flatMap((hook) => (exec >= (fork ?? 0) && hook >= exec ? [{ fork, exec, hook }] : [])),
    ),
  )
}

/** A process that has forked and then executes a program: a child, or a sibling. */
interface ExecCase {
  readonly sequences: readonly Sequence[]
  readonly isSibling: boolean
  command(trigger: string, script: string): readonly string[]
  /** Sets, and its bits at the end. */
  sets(trigger: string): readonly (readonly [Membership, number])[]
}

const execCases: Readonly<Record<string, ExecCase>> = {
  'child, in all orders with the walk': {
    // Each of them needs processes.
    isSibling: false,
    sequences: sequences().filter((_, i) => i % repeats(1, 5) === 0),
    command: (trigger, script) => [trigger, 'fork', 'wait', '--', 'exec', shell, '-c', script],
    sets: (trigger) => [
      [programIs(trigger), parent],
      [programIs(trigger, true), both],
      [programIs(shell), self],
    ],
  },
  'sibling, after the walk': {
    isSibling: true,
    sequences: sequences().filter(({ fork = 0, exec }) => fork === 0 && exec === visits),
    command: (trigger, script) => {
      const siblings = `${trigger} sibling wait -- exec ${shell} -c '${script}'`
      return [shell, '-c', `${siblings}; kill -STOP $$`]
    },
    sets: (trigger) => [
      [programIs(trigger), 0],
      [programIs(shell), both],
    ],
  },
}

for (const [name, { sequences, isSibling, command, sets }] of Object.entries(execCases)) {
  test(`a process that executes a program is in its sets: a ${name}`, async () => {
    const trigger = await workload('trigger')
    const folder = mkdtempSync(join(tmpdir(), 'process-sets-'))
    using filled = new FilledSets(sets(trigger).map(([membership]) => membership))
    const expected = sets(trigger).map(([, bits]) => bits)
    try {
      for (const [i, sequence] of sequences.entries()) {
        const { fork, exec, hook } = sequence
        const marker = join(folder, String(i))
        await using tree = new Tree(command(trigger, `: > ${marker}; read line`))
        const root = tree.root.pid ?? 0
        const [, sibling] = isSibling ? await tree.siblingsOf(root) : []
        const process = sibling ?? (await tree.childOf(root))
        const pids = i % 2 === 0 ? [root, process] : [process, root]
        const at = (visit: number): void => {
          if (visit === fork) filled.forked(root, process)
          if (visit === exec) {
            tree.root.stdin?.write('\n')
            while (!existsSync(marker)) pause(1)
          }
          if (visit === hook) filled.executed(process)
        }
        filled.clear()
        filled.fill(pids, (visit) => visit < visits && at(visit))
        at(visits)
        assert.deepEqual(filled.bitsOf(process), expected, JSON.stringify({ pids, ...sequence }))
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

/** Waits within a walk. @param time in milliseconds */
function pause(time: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, time)
}
