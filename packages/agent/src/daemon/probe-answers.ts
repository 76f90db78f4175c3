import { existsSync } from 'node:fs'
import type { InfoProbe } from '@tetragon-ts/api'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, featureNames, probe } from '@tetragon-ts/ebpf/features'

/** Whether a structure of the kernel has a member, which may be inside of other members. */
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
 * Tetragon's names of features, with the probe of ours that answers, or with what the kernel's
 * types say. What is not among them this agent has no use for, and does not try.
 */
const features: Readonly<Record<string, FeatureName | (() => boolean)>> = {
  kprobe_multi: 'kprobe_multi',
  uprobe_multi: 'uprobe_multi',
  fmodret: 'fmod_ret',
  signal: 'send_signal',
  // Large programs came with 5.3, the ring buffer with 5.8.
  large: 'ring_buffer',
  lsm: 'lsm',
  missed_stats_kprobe_multi: () => hasMember('bpf_link_info', 'kprobe_multi', 'missed'),
  missed_stats_kprobe: () => hasMember('bpf_link_info', 'perf_event', 'kprobe', 'missed'),
  batch_update: 'batch_operations',
  uprobe_refctroff: () => existsSync('/sys/bus/event_source/devices/uprobe/format/ref_ctr_offset'),
  audit_loginuid: () => hasMember('task_struct', 'loginuid'),
  fentry: 'fentry',
  get_func_ret: 'get_func_ret',
  substring_kfunc: () => Btf.open().find('bpf_strnstr', 'func') !== undefined,
  copy_from_user_str: 'copy_from_user_str',
}

/**
 * What the kernel offers, by Tetragon's names and by ours where Tetragon has none. What could not
 * be found out has no answer. Takes some milliseconds the first time.
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
