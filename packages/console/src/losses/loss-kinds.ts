/** A kind of loss, in words. */
export interface LossKind {
  /** Where it is lost, as in the metric `tetragon_losses_total`. */
  readonly stage: 'kernel' | 'reader' | 'export'
  readonly text: string
  /** Which events a page lacks because of it; undefined: it has them all. */
  readonly hides: 'processes' | 'hooks' | undefined
}

type Hides = LossKind['hides']
const kernel = (text: string, hides?: Hides): LossKind => ({ stage: 'kernel', text, hides })
const reader = (text: string, hides?: Hides): LossKind => ({ stage: 'reader', text, hides })
const written = (what: string): LossKind => ({
  stage: 'export',
  text: `${what} that could not be written`,
  // They are missing in a file or at a receiver.
  hides: undefined,
})

/** The kinds of GetLosses. Agents may report others. */
export const lossKinds: ReadonlyMap<string, LossKind> = new Map([
  ['exec', kernel('records of started programs', 'processes')],
  ['fork', kernel('records of new processes', 'processes')],
  ['exit', kernel('records of ended processes', 'processes')],
  ['running', kernel('records of processes that ran before the agent', 'processes')],
  ['data', kernel('arguments and paths of started programs')],
  ['group', kernel('names of control groups: the container of a process is unknown')],
  ['workloads_full', kernel('control groups without a place in the table of workloads')],
  ['table_full', kernel('processes without a place in the table of processes', 'processes')],
  ['hook', kernel('hook events without room in the ring', 'hooks')],
  ['followed_full', kernel('descriptors that could not be followed', 'hooks')],
  ['calls_full', kernel('calls that could not be saved until their return', 'hooks')],
  ['set_full', kernel('processes without a place in a set of a policy', 'hooks')],
  ['scratch_busy', kernel('hits while all scratch memory of the CPU was in use', 'hooks')],
  [
    'throttled',
    kernel('starts and ends of processes above the rate of their control group', 'processes'),
  ],
  ['rate_limited', kernel('events held back by rate limits')],
  ['unreadable', kernel('events posted with an unreadable argument')],
  ['enforcement_failed', kernel('enforcing actions that the kernel refused')],
  ['backlog', kernel('records of processes whose events are not posted')],
  ['possibly_missed', kernel('hook hits skipped by the kernel, upper bound')],
  ['loader', kernel('mappings of executable files', 'hooks')],
  ['returns', reader('hook events whose return was lost', 'hooks')],
  ['unknown_workloads', reader('events posted although the pod was unknown to their policy')],
  ['refusals', reader('refusals whose first equal one was lost', 'hooks')],
  ['requests', reader('requests of GetUrl and DnsLookup that were dropped')],
  ['symbols', reader('frames without symbol: it was not found in time')],
  ['sink_enforcement', written('events of enforced actions')],
  ['sink_process', written('events of execs, exits and losses')],
  ['sink_hook', written('hook events')],
])
