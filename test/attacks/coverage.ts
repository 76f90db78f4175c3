import { readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'
import type { ActionResult } from './classify.ts'

const file = join(repositoryRoot, 'test/attacks/coverage.json')

/** Results of the whole catalogue on one kernel. */
export interface KernelCoverage {
  /** Version of the kernel: `6.12`. */
  readonly kernel: string
  /** Policies besides those for the rules; undefined: none. */
  readonly policies?: readonly string[]
  readonly rules: number
  readonly results: readonly ActionResult[]
}

/** Findings of ordinary work. */
export interface BenignResult {
  readonly kernel: string
  readonly minutes: number
  /** How often each kind of work was done. */
  readonly work: readonly { readonly name: string; readonly times: number }[]
  readonly findings: readonly BenignFinding[]
}

/** How often a rule found ordinary work. */
export interface BenignFinding {
  readonly title: string
  readonly level: string
  readonly count: number
  /** The command of the first one. */
  readonly example: string
}

/** Numbers of actions that were written without knowledge of the rules. */
export interface BlindNumbers {
  readonly rules: number
  readonly ran: number
  /** With the right technique. */
  readonly detected: number
  /** Of these by findings of level medium or above. */
  readonly medium: number
  readonly high: number
  readonly indirect: number
}

/** Results of the blind catalogue: before and after rules were improved by what they missed. */
export interface BlindCoverage {
  readonly kernel: string
  readonly first: BlindNumbers
  /** Absent until the whole catalogue ran with the improved rules. */
  readonly now?: BlindNumbers
}

/** What docs/reference/coverage.md shows. */
export interface Coverage {
  readonly kernels: readonly KernelCoverage[]
  readonly benign: readonly BenignResult[]
  readonly blind: BlindCoverage
}

/** The kernel's version without what differs between builds. */
export function kernelVersion(): string {
  return release().split('.').slice(0, 2).join('.')
}

export function readCoverage(): Coverage {
  return JSON.parse(readFileSync(file, 'utf8')) as Coverage
}

/** Replaces what was measured on the same kernel. */
export function writeCoverage(measured: {
  readonly kernel?: KernelCoverage
  readonly benign?: BenignResult
  readonly blind?: BlindNumbers
}): Coverage {
  const { kernels, benign, blind } = readCoverage()
  const coverage = {
    kernels: replace(kernels, measured.kernel),
    benign: replace(benign, measured.benign),
    blind: { ...blind, now: measured.blind ?? blind.now },
  }
  writeFileSync(file, `${JSON.stringify(coverage, null, 2)}\n`)
  return coverage
}

function replace<T extends { readonly kernel: string }>(all: readonly T[], one?: T): readonly T[] {
  if (one === undefined) return all
  const others = all.filter(({ kernel }) => kernel !== one.kernel)
  return [...others, one].sort((a, b) => a.kernel.localeCompare(b.kernel, 'en', { numeric: true }))
}

/** Counts results of the blind catalogue. */
export function countBlind(rules: number, results: readonly ActionResult[]): BlindNumbers {
  const of = (name: ActionResult['class'], ...levels: readonly string[]): number =>
    results.filter(
      (each) => each.class === name && (levels.length === 0 || levels.includes(each.level ?? '')),
    ).length
  return {
    rules,
    ran: results.length - of('notRunnable'),
    detected: of('detected'),
    medium: of('detected', 'medium', 'high', 'critical'),
    high: of('detected', 'high', 'critical'),
    indirect: of('indirect'),
  }
}

/**
 * Actions whose class differs from the one that is written down. Actions that a machine cannot run
 * do not count: machines have different programs.
 */
export function changedClasses(
  known: readonly ActionResult[],
  results: readonly ActionResult[],
): string[] {
  const classes = new Map(known.map((each) => [each.id, each.class]))
  return results.flatMap(({ id, class: now, why }) => {
    const then = classes.get(id)
    if (then === now || then === 'notRunnable' || now === 'notRunnable') return []
    return [`${id}: ${then ?? 'not on the page'} -> ${now} (${why})`]
  })
}
