import { spawnSync } from 'node:child_process'
import { PolicyError } from '@tetragon-ts/agent'
import { probe } from '@tetragon-ts/ebpf/features'
import { readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'
import { testVariables } from '../../vm/target.ts'
import type { Needs, PolicyCase } from './policy-case.ts'

/** Path of a loadable module of this kernel; empty if there is none. */
export function spareModule(): string {
  return process.env[testVariables.spareModule] ?? ''
}

let names: Set<string> | undefined

/** The missing requirement of a case on this kernel or machine; undefined if there is none. */
export function lacks(needs: Needs): string | undefined {
  const { probes = [], functions = [], programs = [], module = false } = needs
  for (const name of probes) {
    const { answer, reason } = probe(name)
    if (answer !== 'yes') return `no ${name}: ${reason}`
  }
  for (const name of functions) {
    if (!symbols().has(name)) return `this kernel has no function ${name}`
  }
  for (const name of programs) {
    const { error } = spawnSync('which', [name], { stdio: 'ignore' })
    if (error || spawnSync('which', [name]).status !== 0) return `no program ${name}`
  }
  if (module && spareModule() === '') return 'no module of this kernel is at hand'
  return undefined
}

function symbols(): Set<string> {
  names ??= readFunctionNames()
  return names
}

/**
 * Why this kernel cannot attach the hook of a case's policy, with all attempts; undefined for any
 * other error. On kernels where functions can be hooked, only missing requirements are accepted.
 */
export function unhookable({ covers }: PolicyCase, error: unknown): string | undefined {
  if (!(error instanceof PolicyError)) return undefined
  const wrong = error.diagnostics.filter(({ severity }) => severity === 'error')
  if (wrong.some(({ code }) => !hookCodes.has(code))) return undefined
  // A program that the verifier refuses is our bug, whatever else was tried.
  if (error.attempts.some(isRefusedProgram)) return undefined
  const hooksFunctions = probe('fentry').answer === 'yes' || probe('kprobe').answer === 'yes'
  if (hooksFunctions && covers.kind !== 'hook') return undefined
  return wrong.map(({ message }) => message).join('; ')
}

/** Whether the kernel refused to load the program of a back end. */
export function isRefusedProgram({ atLoad }: PolicyError['attempts'][number]): boolean {
  return atLoad === true
}

/** Diagnostics about the kernel: no back end, or none that provides an argument. */
const hookCodes = new Set(['POLICY_HOOK', 'POLICY_HOOK_ARGUMENT'])
