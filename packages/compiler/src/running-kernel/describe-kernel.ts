import { readFileSync } from 'node:fs'
import { release, version } from 'node:os'
import { VMLINUX_BTF } from '@tetragon-ts/ebpf/btf'
import { featureNames, probe, securityModules } from '@tetragon-ts/ebpf/features'
import { eachFunction, parseTraceable, readKallsyms } from '@tetragon-ts/ebpf/kallsyms'
import { findTracefs } from '@tetragon-ts/ebpf/links'
import { pageSize } from '@tetragon-ts/ebpf/sys'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  abilities,
  architectures,
  type FieldRow,
  type KernelFacts,
  programKinds,
} from '../kernel-description/facts.ts'
import type { KernelFunctions } from '../kernel-description/function-list.ts'
import { encodeKernel } from '../kernel-description/index.ts'
import { policyTarget } from './running-kernel.ts'

/** Longest reason; those of verifiers are longer. */
const reasonMax = 300

/**
 * Describes the running kernel, as this process finds it. Takes about a second.
 * @param kernel the running kernel, with what the operator of an agent has switched off
 * @param modules loaded modules whose types and functions are described too
 * @throws SystemCallError, NodeJS.ErrnoException if a module is not loaded or has no types
 */
export async function describeKernel(
  kernel: KernelView,
  modules: readonly string[] = [],
): Promise<Uint8Array> {
  const types = modules.map((name) => [name, readFileSync(`/sys/kernel/btf/${name}`)] as const)
  return encodeKernel({
    facts: factsOf(kernel),
    functions: functionsOf(modules),
    btf: readFileSync(VMLINUX_BTF),
    modules: new Map(types),
  })
}

function factsOf(kernel: KernelView): KernelFacts {
  const target = policyTarget(kernel.btf)
  const refusals = programKinds.map((kind) => {
    const refusal = kernel.refuses(kind)
    return [kind, refusal ? publicReason(refusal.reason) : ''] as const
  })
  const probes = featureNames.map((name) => {
    const { answer, reason } = probe(name)
    return [name, { answer, reason: answer === 'yes' ? '' : publicReason(reason) }] as const
  })
  const modules = securityModules()
  const distance = (kind: 'kprobe' | 'kprobe_multi') => kernel.returnDistance(kind) ?? null
  return {
    release: release(),
    version: version(),
    architecture: architectures.find((each) => each === process.arch) ?? 'x64',
    securityModules: modules.names,
    securityModulesUnknown: publicReason(modules.reason),
    cgroups: { hierarchy: kernel.hierarchy, version2: kernel.cgroupRoot !== undefined },
    limits: limits(),
    refusals: Object.fromEntries(refusals) as KernelFacts['refusals'],
    abilities: Object.fromEntries(
      abilities.map((name) => [name, target[name] === true]),
    ) as KernelFacts['abilities'],
    probes: Object.fromEntries(probes),
    preemptsPrograms: kernel.preemptsPrograms,
    returnDistances: { kprobe: distance('kprobe'), kprobe_multi: distance('kprobe_multi') },
    tracepoints: tracepointsOf(kernel),
  }
}

/** A reason without what differs between machines and processes: addresses, paths of programs. */
function publicReason(reason: string): string {
  return reason
    .replaceAll(process.execPath, 'a program')
    .replaceAll(/\b(?:0x)?[0-9a-f]{8,}\b|\b0x[0-9a-f]+\b/gi, '0x…')
    .replaceAll('…', '...')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, reasonMax)
}

/** Settings that limit programs. */
function limits(): Record<string, number> {
  const names = {
    bpf_jit_enable: '/proc/sys/net/core/bpf_jit_enable',
    ftrace_enabled: '/proc/sys/kernel/ftrace_enabled',
    perf_event_max_stack: '/proc/sys/kernel/perf_event_max_stack',
    unprivileged_bpf_disabled: '/proc/sys/kernel/unprivileged_bpf_disabled',
  }
  const read = Object.entries(names).flatMap(([name, path]) => {
    const value = Number(readLine(path) ?? Number.NaN)
    return Number.isSafeInteger(value) ? [[name, value] as const] : []
  })
  return { page_size: pageSize, ...Object.fromEntries(read) }
}

function readLine(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return undefined
  }
}

function tracepointsOf(kernel: KernelView): KernelFacts['tracepoints'] {
  const inOrder = (names: readonly string[]) => [...names].sort()
  const groups = inOrder(kernel.tracepoints()).map((group) => {
    const events = inOrder(kernel.tracepoints(group)).map((name) => {
      return [name, rowsOf(kernel, group, name)] as const
    })
    return [group, Object.fromEntries(events)] as const
  })
  return Object.fromEntries(groups)
}

function rowsOf(kernel: KernelView, group: string, name: string): readonly FieldRow[] {
  const fields = kernel.tracepointFields(group, name)
  return fields.map(({ type, name: field, offset, size, signed }) => {
    return [type, field, offset, size, signed ? 1 : 0] as const
  })
}

/** Functions of the kernel itself and of these modules. */
function functionsOf(modules: readonly string[]): KernelFunctions {
  const suffixes = new Set(['', ...modules.map((name) => `\t[${name}]`)])
  const text = readKallsyms()
  const symbols = new Set<string>()
  eachFunction(text, (_, name, nameEnd, end) => {
    if (suffixes.has(text.slice(nameEnd, end))) symbols.add(text.slice(name, nameEnd))
  })
  return { symbols, traceable: traceableOf(symbols) }
}

function traceableOf(symbols: ReadonlySet<string>): ReadonlySet<string> | undefined {
  try {
    const text = readFileSync(`${findTracefs()}/available_filter_functions`, 'latin1')
    return new Set(parseTraceable(text).filter((name) => symbols.has(name)))
  } catch {
    return undefined
  }
}
