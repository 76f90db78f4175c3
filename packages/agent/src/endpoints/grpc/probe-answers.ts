import { existsSync } from 'node:fs'
import type { InfoProbe } from '@tetragon-ts/api'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, featureNames, probe } from '@tetragon-ts/ebpf/features'

/** Whether a kernel structure has a member, which may be nested. */
function hasMember(struct: string, ...names: readonly string[]): boolean {
  const btf = Btf.open()
  let type = btf.find(struct, 'struct')
  for (const name of names) {
    if (type === undefined) return false
    type = btf.member(type, name)?.typeId
  }
  return type !== undefined
}

function answerOf(feature: FeatureName): boolean | undefined {
  const { answer } = probe(feature)
  return answer === 'unknown' ? undefined : answer === 'yes'
}

/**
 * Tetragon's feature names, with our probe, or a check of the kernel's types. Missing features are
 * not used by this agent and not probed.
 */
const features: Readonly<Record<string, FeatureName | (() => boolean)>> = {
  kprobe_multi: 'kprobe_multi',
  uprobe_multi: 'uprobe_multi',
  fmodret: 'fmod_ret',
  signal: 'send_signal',
  // Large programs need Linux 5.3, the ring buffer 5.8.
  large: 'ring_buffer',
  lsm: 'lsm',
  missed_stats_kprobe_multi: () => hasMember('bpf_link_info', 'kprobe_multi', 'missed'),
  missed_stats_kprobe: () => hasMember('bpf_link_info', 'perf_event', 'kprobe', 'missed'),
  batch_update: 'batch_operations',
  uprobe_refctroff: () => existsSync('/sys/bus/event_source/devices/uprobe/format/ref_ctr_offset'),
  audit_loginuid: () => hasMember('task_struct', 'loginuid'),
  uprobe_regs_change: 'uprobe_registers',
  fentry: 'fentry',
  get_func_ret: 'get_func_ret',
  substring_kfunc: () => Btf.open().find('bpf_strnstr', 'func') !== undefined,
  copy_from_user_str: 'copy_from_user_str',
  mix_bpf_and_tail_calls: 'functions_and_tail_calls',
  buildid: 'mapping_build_ids',
  fmodret_syscall: 'fmod_ret_syscall',
  link_pin: 'link_pin',
}

/**
 * Features of the kernel, by Tetragon's names, or ours if Tetragon has none. Unknown results are
 * omitted. The first call takes some milliseconds.
 */
export function probeAnswers(): InfoProbe[] {
  const named = Object.entries(features).map(([Name, how]) => {
    return { Name, Enabled: typeof how === 'string' ? answerOf(how) : how() }
  })
  const own = featureNames
    .filter((name) => !Object.hasOwn(features, name))
    .map((name) => ({ Name: name as string, Enabled: answerOf(name) }))
  return [...named, ...own]
}
