import { readlinkSync } from 'node:fs'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { hostPid } from '@tetragon-ts/ebpf/programs'
import { useRealTimeForMapCalls } from '@tetragon-ts/ebpf/sys'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import {
  type CgroupHierarchy,
  chooseWalk,
  findCgroupHierarchy,
  type ProcessWalk,
} from '@tetragon-ts/sensors/process'
import { AgentError } from '../error.ts'
import type { ReaderThread } from '../reader/reader-thread.ts'

/** Features that the agent requires, with the first kernel that has them. */
const needs = {
  ring_buffer: ['the BPF ring buffer', '5.8'],
  tp_btf: ['typed tracepoints', '5.5'],
  iterator: ['task iterators', '5.8'],
} as const

/** Reads the kernel's types. @throws AgentError AGENT_KERNEL */
export function openBtf(path: string): Btf {
  try {
    return Btf.open(path)
  } catch (error) {
    throw new AgentError(
      'AGENT_KERNEL',
      `read kernel types from ${path}: ${(error as Error).message}; the kernel must be built with ` +
        'CONFIG_DEBUG_INFO_BTF',
      { cause: error },
    )
  }
}

/** The cgroup hierarchy with containers. @throws AgentError AGENT_OPTION */
export function findHierarchy(btf: Btf, procfs: string): CgroupHierarchy {
  try {
    return findCgroupHierarchy(btf, procfs)
  } catch (cause) {
    const message = `read ${procfs}: ${(cause as Error).message}; --procfs must be a proc file system`
    throw new AgentError('AGENT_OPTION', message, { cause })
  }
}

/**
 * Events have the pids of the host, so those of a container's /proc would be of other processes.
 * @throws AgentError AGENT_OPTION
 */
export function checkProcfs(procfs: string): void {
  const pid = hostPid()
  const self = ownPid(procfs)
  if (pid === undefined || self === `${pid}`) return
  throw new AgentError(
    'AGENT_OPTION',
    `read ${procfs}: the agent is process ${self} there, but ${pid} on the host; --procfs must be ` +
      "the host's proc file system. On a node that is a container, such as kind's, mount the " +
      "machine's /proc into the node and set the chart's value tetragon.hostProcPath to it",
  )
}

function ownPid(procfs: string): string {
  try {
    return readlinkSync(`${procfs}/self`)
  } catch {
    // The pid namespace of that file system does not contain the agent.
    return 'unknown'
  }
}

/**
 * How running processes are found.
 * @param warn gets a message if some of them cannot be found
 * @throws AgentError AGENT_KERNEL
 */
export function findWalk(
  target: Target,
  procfs: string,
  warn: (message: string) => void,
): ProcessWalk {
  const walk = chooseWalk(target, procfs)
  if (walk.kind === 'iterator') checkKernel('iterator')
  if (!walk.isComplete) {
    warn(
      'processes outside the pid namespace of the agent that started before it are unknown: this ' +
        "kernel shows them only to an agent in the host's pid namespace",
    )
  }
  return walk
}

/**
 * Keeps the agent from hiding hits on kernels with preemption: while a thread that uses a map is
 * preempted, they skip the programs of kprobes on its CPU.
 * @param warn gets a message if that is not possible
 */
export function avoidPreemption(
  btf: Btf,
  reader: ReaderThread,
  warn: (message: string) => void,
): void {
  if (!preemptsPrograms(btf) || probe('kprobe').answer !== 'yes') return
  reader.avoidPreemption()
  if (useRealTimeForMapCalls(true)) return
  warn(
    'take real-time priority while maps are used: the kernel refuses it, so hooks with kprobes may ' +
      'miss hits; give the agent CAP_SYS_NICE',
  )
}

/** @throws AgentError AGENT_PERMISSION, AGENT_KERNEL if the kernel lacks a feature */
export function checkKernel(feature: keyof typeof needs): void {
  const { answer, reason } = probe(feature)
  if (answer === 'yes') return
  if (process.getuid?.() !== 0) {
    throw new AgentError('AGENT_PERMISSION', `load kernel programs: ${reason}; run as root`)
  }
  const [name, since] = needs[feature]
  throw new AgentError(
    'AGENT_KERNEL',
    `start agent: this kernel lacks ${name} (Linux ${since} or later): ${reason}`,
  )
}

/** Features that programs of the process sensor use on this kernel. */
export function kernelTarget(btf: Btf): Target {
  const has = (feature: FeatureName): boolean => probe(feature).answer === 'yes'
  return {
    btf,
    bpfLoop: has('bpf_loop'),
    directReads: has('direct_reads'),
    openReads: has('open_reads'),
    mapFields: has('map_fields'),
  }
}
