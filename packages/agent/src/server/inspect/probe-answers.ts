import type { InfoProbe } from '@tetragon-ts/api'
import { type FeatureName, featureNames, probe } from '@tetragon-ts/ebpf/features'

/** Tetragon's names of features, with the probe of ours that answers. */
const features = {
  kprobe_multi: 'kprobe_multi',
  uprobe_multi: 'uprobe_multi',
  fmodret: 'fmod_ret',
  signal: 'send_signal',
  // Large programs came with 5.3, the ring buffer with 5.8.
  large: 'ring_buffer',
  lsm: 'lsm',
  batch_update: 'batch_operations',
  fentry: 'fentry',
  get_func_ret: 'get_func_ret',
  copy_from_user_str: 'copy_from_user_str',
} as const satisfies Readonly<Record<string, FeatureName>>

function answerOf(feature: FeatureName): boolean | undefined {
  const { answer } = probe(feature)
  return answer === 'unknown' ? undefined : answer === 'yes'
}

/**
 * What the kernel offers, by Tetragon's names and by ours where Tetragon has none. What could not be
 * found out has no answer. Takes some milliseconds the first time.
 */
export function probeAnswers(): InfoProbe[] {
  const named = Object.entries(features).map(([Name, feature]) => {
    return { Name, Enabled: answerOf(feature) }
  })
  const taken = new Set<string>(named.map(({ Name }) => Name))
  const own = featureNames
    .filter((name) => !taken.has(name))
    .map((name) => ({ Name: name as string, Enabled: answerOf(name) }))
  return [...named, ...own]
}
