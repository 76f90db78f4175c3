import { BtfBuilder } from '@tetragon-ts/ebpf/btf'
import type { ProgramKind } from '../hook-plans/kernel-view.ts'
import { abilities, architectures, programKinds } from '../kernel-description/facts.ts'
import type { KernelDescription } from '../kernel-description/index.ts'

/**
 * A small kernel with `vfs_read(file)` and `tcp_close(sk)`.
 * @param supports its types of programs
 */
export function sampleDescription(
  supports: readonly ProgramKind[] = ['kprobe'],
  tracepoints: readonly string[] = [],
): KernelDescription {
  const builder = new BtfBuilder()
  const word = builder.int('long', 8, { signed: true })
  for (const [name, parameter] of [
    ['vfs_read', 'file'],
    ['tcp_close', 'sk'],
  ]) {
    builder.func(name, builder.funcProto(word, [{ name: parameter, typeId: word }]), 'global')
  }
  for (const name of tracepoints) {
    const handler = builder.funcProto(0, [{ name: '__data', typeId: builder.pointer(0) }])
    builder.typedef(`btf_trace_${name}`, builder.pointer(handler))
  }
  const refusal = (kind: ProgramKind) => (supports.includes(kind) ? '' : `no ${kind}`)
  return {
    facts: {
      release: '6.12.1-sample',
      version: '#1 SMP',
      architecture: architectures.find((each) => each === process.arch) ?? 'x64',
      securityModules: ['capability', 'bpf'],
      securityModulesUnknown: '',
      cgroups: { hierarchy: { version: 2, id: 0 }, version2: true },
      limits: { page_size: 4096 },
      refusals: Object.fromEntries(
        programKinds.map((kind) => [kind, refusal(kind)]),
      ) as KernelDescription['facts']['refusals'],
      abilities: Object.fromEntries(
        abilities.map((name) => [name, true]),
      ) as KernelDescription['facts']['abilities'],
      probes: { kprobe: { answer: 'yes', reason: '' } },
      preemptsPrograms: false,
      returnDistances: { kprobe: 8, kprobe_multi: null },
      tracepoints: { sched: { sched_switch: [['char[16]', 'prev_comm', 8, 16, 0]] } },
    },
    functions: {
      symbols: new Set(['vfs_read', 'tcp_close', 'hidden']),
      traceable: new Set(['vfs_read', 'tcp_close']),
    },
    btf: builder.bytes(),
    modules: new Map(),
  }
}
