import { type HookEvent, PolicyRun } from '@tetragon-ts/agent/testing'
import { ownWorkload, type WorkloadName } from '../../workloads/index.ts'
import { countsOf } from '../enforcement/attack.ts'

/** What happened to a process under a policy. */
export interface Ran {
  readonly pid: number
  /** Lines of its standard output. */
  readonly output: readonly string[]
  readonly end: number | NodeJS.Signals
  readonly events: readonly HookEvent[]
  /** Of the policy's first selector. */
  readonly counts: ReturnType<typeof countsOf>
}

/** An agent, and a workload whose functions policies are about. */
export class ProbedRun {
  readonly run: PolicyRun
  readonly program: string

  private constructor(run: PolicyRun, program: string) {
    this.run = run
    this.program = program
  }

  /** @param options of the agent */
  static async start(name: WorkloadName, ...options: string[]): Promise<ProbedRun> {
    const run = await PolicyRun.start(...options)
    return new ProbedRun(run, await ownWorkload(name, run.folder))
  }

  /** Runs the workload, or another program, under a policy with these hooks. */
  async under(
    hooks: readonly string[],
    words: readonly string[],
    { options = '', program = this.program } = {},
  ): Promise<Ran> {
    const { run } = this
    const policy = await run.load(uprobes(hooks, options))
    try {
      const started = run.spawn(program, words)
      const events = await run.finish(started)
      const output = started.output.split('\n').slice(0, -1)
      const { pid } = started
      return { pid, output, end: await started.ended, events, counts: countsOf(policy) }
    } finally {
      await run.unload(policy)
    }
  }

  async stop(): Promise<void> {
    await this.run.stop()
  }
}

/**
 * A policy.
 * @param hooks as YAML
 * @param options of the policy, each with a comma; each hit is an event
 */
export function uprobes(hooks: readonly string[], options = ''): string {
  const items = hooks.map((hook) => `  - ${hook.trim().replaceAll('\n', '\n    ')}`)
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: probes}
spec:
  options: [${options}{name: equal-refusals, value: post}]
  uprobes:
${items.join('\n')}
`
}
