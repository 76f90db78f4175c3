import { spawnSync } from 'node:child_process'
import { PolicyError } from '@tetragon-ts/agent'
import { probe } from '@tetragon-ts/ebpf/features'
import { readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'
import { guestVariables } from '../../vm/target.ts'
import type { Needs, PolicyCase } from './policy-case.ts'

/** Path of a module of this kernel that cases may load; empty where there is none. */
export function spareModule(): string {
  return process.env[guestVariables.spareModule] ?? ''
}

let names: Set<string> | undefined

/** What this kernel or machine lacks of a case's needs; undefined if nothing. */
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
 * Why this kernel cannot have a hook of the case's policy, with all attempts; undefined if that is
 * not what is wrong. Kernels where functions can be hooked have no excuse but what the case needs.
 */
export function unhookable({ covers }: PolicyCase, error: unknown): string | undefined {
  if (!(error instanceof PolicyError)) return undefined
  const wrong = error.diagnostics.filter(({ severity }) => severity === 'error')
  if (wrong.some(({ code }) => !hookCodes.has(code))) return undefined
  // A program that the verifier refuses is our mistake, whatever else was tried.
  if (error.attempts.some(isRefusedProgram)) return undefined
  const hooksFunctions = probe('fentry').answer === 'yes' || probe('kprobe').answer === 'yes'
  if (hooksFunctions && covers.kind !== 'hook') return undefined
  return wrong.map(({ message }) => message).join('; ')
}

/** Whether the kernel refused to load the program of a back end. */
export function isRefusedProgram({ atLoad }: PolicyError['attempts'][number]): boolean {
  return atLoad === true
}

/** Diagnostics that blame the kernel: no way in, or one that does not know an argument. */
const hookCodes = new Set(['POLICY_HOOK', 'POLICY_HOOK_ARGUMENT'])
