import { judge, type ProbeResult } from './answer.ts'
import { attachProbes } from './attach-probes.ts'
import { helperProbes } from './helper-probes.ts'
import { hostProbes } from './host-probes.ts'
import { mapProbes } from './map-probes.ts'

/** One entry per feature: it returns how it found out, or throws the kernel's refusal. */
const probes = { ...hostProbes, ...mapProbes, ...attachProbes, ...helperProbes }

export type FeatureName = keyof typeof probes

/** All features that can be asked for. */
export const featureNames = Object.keys(probes) as readonly FeatureName[]

const answers = new Map<FeatureName, ProbeResult>()

/**
 * Whether this kernel, for this process, offers a feature: found by trying it, never by its
 * version. `yes` and `no` are remembered; `unknown` (lack of memory or capabilities) is asked
 * again.
 */
export function probe(name: FeatureName): ProbeResult {
  const known = answers.get(name)
  if (known) return known
  const result = run(probes[name])
  if (result.answer !== 'unknown') answers.set(name, result)
  return result
}

function run(ask: () => string): ProbeResult {
  try {
    return { answer: 'yes', reason: ask() }
  } catch (error) {
    return judge(error)
  }
}

/** Asks for everything. Some tens of milliseconds the first time. */
export function report(): Readonly<Record<FeatureName, ProbeResult>> {
  const entries = featureNames.map((name) => [name, probe(name)] as const)
  return Object.fromEntries(entries) as Record<FeatureName, ProbeResult>
}
