import type { Check } from '../arguments/check.ts'
import { overrideMethods, type PolicyOptions } from '../model/index.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A setting: its meaning, its values, and how they are stored in the options. */
interface PolicyOption {
  readonly doc: string
  /** Empty for a number. */
  readonly allowed: readonly string[]
  /** Range of a number. */
  readonly range?: string
  readonly default: string
  /** Why it has no effect in this release. */
  readonly noEffect?: string
  /** False for an invalid value. */
  apply(value: string, options: Mutable<PolicyOptions>): boolean
}

const trueWords = ['1', 't', 'T', 'true', 'True', 'TRUE']
const falseWords = ['0', 'f', 'F', 'false', 'False', 'FALSE']

function flag(
  doc: string,
  name: 'disableKprobeMulti' | 'disableUprobeMulti' | 'exactHooks',
): PolicyOption {
  return {
    doc,
    allowed: ['true', 'false'],
    default: 'false',
    apply(value, options) {
      options[name] = trueWords.includes(value)
      return options[name] || falseWords.includes(value)
    },
  }
}

function choice(
  doc: string,
  name: 'unreadableArguments' | 'unknownWorkloads',
  normal: 'enforce' | 'allow',
): PolicyOption {
  return {
    doc,
    allowed: ['enforce', 'allow'],
    default: normal,
    apply(value, options) {
      if (value !== 'enforce' && value !== 'allow') return false
      options[name] = value
      return true
    },
  }
}

/** A decimal number from 1 to `max`. */
function count(
  doc: string,
  name: 'processLimit' | 'sleepablePreloadSize',
  max: number,
): PolicyOption {
  return {
    doc,
    allowed: [],
    range: `1 to ${max}`,
    default: '',
    apply(value, options) {
      const number = /^[1-9]\d*$/.test(value) ? Number(value) : 0
      if (number < 1 || number > max) return false
      options[name] = number
      return true
    },
  }
}

/** Settings of `spec.options` by name. */
export const policyOptions: ReadonlyMap<string, PolicyOption> = new Map([
  [
    'disable-kprobe-multi',
    flag('Attach to each kernel function separately.', 'disableKprobeMulti'),
  ],
  [
    'disable-uprobe-multi',
    flag('Attach to each user space function separately.', 'disableUprobeMulti'),
  ],
  [
    'override-method',
    {
      doc: 'The means that carries out Override; by default the best of the kernel that misses nothing.',
      allowed: overrideMethods,
      default: '',
      apply(value, options) {
        const method = overrideMethods.find((each) => each === value)
        if (method) options.overrideMethod = method
        return method !== undefined
      },
    },
  ],
  [
    'policy-mode',
    {
      doc: '`monitor`: enforcing actions are only reported and counted.',
      allowed: ['enforce', 'monitor'],
      default: 'enforce',
      apply(value, options) {
        if (value !== 'enforce' && value !== 'monitor') return false
        options.mode = value
        return true
      },
    },
  ],
  [
    'sleepable-preload-size',
    {
      ...count(
        'Entries of the table of preloaded user space strings.',
        'sleepablePreloadSize',
        999_999_999,
      ),
      default: '32768',
      noEffect: 'values are read when they are used, without a table',
    },
  ],
  [
    'exact-hooks',
    flag(
      'Hook only the functions themselves, never an equivalent; fail if that is impossible.',
      'exactHooks',
    ),
  ],
  [
    'process-limit',
    count(
      'Maximum number of processes that enforcing actions hit within a minute. Beyond it, the ' +
        'policy changes to mode `monitor`.',
      'processLimit',
      99_999,
    ),
  ],
  [
    'unreadable-arguments',
    choice(
      'Whether enforcing actions are executed if an argument that their selector tests cannot be read.',
      'unreadableArguments',
      'enforce',
    ),
  ],
  [
    'unknown-workloads',
    choice(
      'Whether enforcing actions are executed while it is unknown if the policy applies to the ' +
        'workload of the process.',
      'unknownWorkloads',
      'allow',
    ),
  ],
  [
    'equal-refusals',
    {
      doc: 'Whether a refusal that equals another one of about the same second is only counted, in one event for all of them, or has its own event.',
      allowed: ['count', 'post'],
      default: 'count',
      apply(value, options) {
        if (value !== 'count' && value !== 'post') return false
        options.equalRefusals = value
        return true
      },
    },
  ],
  [
    'export',
    {
      doc: 'Which events are exported: all, or only those on which a detection rule has a finding.',
      allowed: ['all', 'findings'],
      default: 'all',
      apply(value, options) {
        if (value !== 'all' && value !== 'findings') return false
        options.exports = value
        return true
      },
    },
  ],
])

/** Reads `spec.options`; unknown settings are warnings, since newer policies may have them. */
export function checkOptions(spec: SpecDocument, check: Check): PolicyOptions {
  const options: Mutable<PolicyOptions> = {
    disableKprobeMulti: false,
    disableUprobeMulti: false,
    mode: 'enforce',
    exactHooks: false,
    unreadableArguments: 'enforce',
    unknownWorkloads: 'allow',
    equalRefusals: 'count',
    exports: 'all',
  }
  const seen = new Set<string>()
  for (const option of spec.options) {
    if (check.isBroken(option)) continue
    const { name, value, at } = option
    const known = policyOptions.get(name)
    if (known === undefined) {
      const message = `unknown setting ${JSON.stringify(name)}; it has no effect`
      const allowed = [...policyOptions.keys()]
      check.findings.warning(`${at}.name`, 'POLICY_OPTION', message, { allowed, given: name })
      continue
    }
    if (seen.has(name)) {
      check.findings.warning(`${at}.name`, 'POLICY_OPTION', `${name} is set twice`)
    }
    seen.add(name)
    if (known.apply(value, options)) {
      if (known.noEffect === undefined || value === known.default) continue
      const message = `${name} has no effect: ${known.noEffect}`
      check.findings.warning(`${at}.name`, 'POLICY_IGNORED', message)
      continue
    }
    const { allowed, range } = known
    const hint = range === undefined ? '' : `; expected a number from ${range}`
    const message = `invalid value ${JSON.stringify(value)} of ${name}${hint}`
    check.findings.error(`${at}.value`, 'POLICY_OPTION', message, { allowed, given: value })
  }
  return options
}
