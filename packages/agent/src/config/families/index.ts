import type { Option, Options, ValuesOf } from '@tetragon-ts/service/options'
import { commandOptions } from './command.ts'
import { contentOptions } from './content.ts'
import { exportOptions } from './export.ts'
import { kernelOptions } from './kernel.ts'
import { kubernetesOptions } from './kubernetes.ts'
import { logOptions } from './log.ts'
import { metricOptions } from './metrics.ts'
import { outputOptions } from './outputs.ts'
import { policyOptions } from './policies.ts'
import { processOptions } from './processes.ts'
import { profileOptions } from './profiles.ts'
import { queueOptions } from './queues.ts'
import { ruleOptions } from './rules.ts'
import { serverOptions } from './server.ts'

/** All options of the agent by family, in the order of the help. */
export const families = {
  Export: exportOptions,
  Outputs: outputOptions,
  'Content of events': contentOptions,
  Policies: policyOptions,
  'Detection rules': ruleOptions,
  Server: serverOptions,
  Metrics: metricOptions,
  Kubernetes: kubernetesOptions,
  Processes: processOptions,
  Queues: queueOptions,
  Kernel: kernelOptions,
  Log: logOptions,
  Profiles: profileOptions,
  Agent: commandOptions,
} as const satisfies Record<string, Options>

type Families = (typeof families)[keyof typeof families]
type Merged<T> = (T extends unknown ? (each: T) => void : never) extends (all: infer All) => void
  ? All
  : never
type AllOptions = Merged<Families>

/** The name of an option, without dashes before it. */
export type OptionName = keyof AllOptions & string

/** The values of all options. */
export type Settings = ValuesOf<AllOptions>

/** All options by name. */
export const options: ReadonlyMap<string, Option<unknown>> = new Map(
  Object.values(families).flatMap((family) => Object.entries<Option<unknown>>(family)),
)
