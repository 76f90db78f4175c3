import { Collection } from '@tetragon-ts/ebpf/collection'
import type { Program, Target } from '@tetragon-ts/ebpf/lang'
import type { Link } from '@tetragon-ts/ebpf/links'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { createMap, type OpenMap, OpenMaps } from '@tetragon-ts/ebpf/open-maps'
import { type LoadedProgram, VerifierError } from '@tetragon-ts/ebpf/programs'
import { possibleCpus, SystemCallError } from '@tetragon-ts/ebpf/sys'
import {
  backlog,
  entryScratch,
  events,
  execScratch,
  filtering,
  filterMode,
  heldExecs,
  heldForksOf,
  type LossKind,
  losses,
  lossKinds,
  processTable,
  processTableOf,
  unseenExecs,
} from '../kernel/maps.ts'
import { programCopies } from '../kernel/program-copies.ts'
import { reportedGroups } from '../kernel/workload-table.ts'
import { processRecords, type RecordContent } from '../records/process.ts'
import type { CgroupRate } from './cgroup-rate.ts'
import { execProgram } from './exec.ts'
import { exitProgram } from './exit.ts'
import { forkProgram } from './fork.ts'
import type { CgroupHierarchy } from './identity.ts'
import { lookupArguments, lookupProgram, runningAnswer, runningProgram } from './running.ts'
import type { SensorSetup } from './setup.ts'
import type { ProcessWalk } from './walk/index.ts'

export interface ProcessSensorOptions {
  readonly target: Target
  readonly hierarchy: CgroupHierarchy
  /** The ring of the records; owned by the sensor. */
  readonly ring: OpenMap<undefined, undefined>
  readonly environment: boolean
  /** Size of the process table. */
  readonly processTableSize: number
  /** Optional content of records; the reader must use the same. */
  readonly content: RecordContent
  /** Undefined: no limit. */
  readonly rate: CgroupRate | undefined
  /** Finds running processes. */
  readonly walk: ProcessWalk
}

/** Descriptors of a program that looks up a process, and of the map with its answer. */
export interface LookupDescriptors {
  readonly programFd: number
  readonly answerFd: number
  /** Bytes of an answer. */
  readonly size: number
}

/** Descriptors of the maps with records that are not posted. */
export interface HeldDescriptors {
  readonly ringFd: number
  readonly forksFd: number
  readonly execsFd: number
}

/** The programs at hooks: each with scratch memory, if it needs any. */
const hookPrograms = {
  exit: (setup: SensorSetup) => ({
    program: exitProgram(setup),
    scratch: undefined,
    another: undefined,
  }),
  exec: (setup: SensorSetup, environment: boolean, cpus: number) => {
    const scratch = execScratch(cpus)
    return { program: execProgram({ setup, environment, scratch }), scratch, another: execScratch }
  },
  fork: (setup: SensorSetup, _: boolean, cpus: number) => {
    const scratch = entryScratch(cpus)
    return { program: forkProgram(setup, scratch), scratch, another: entryScratch }
  },
}

type HookName = keyof typeof hookPrograms
const hookNames = Object.keys(hookPrograms) as HookName[]

/** A program at a hook, with the memory that only it uses. */
interface HookProgram {
  readonly program: Program
  readonly loaded: LoadedProgram
  readonly scratch: readonly MapSpec[]
  link?: Link
}

const isAtExec = ({ program }: HookProgram): boolean => program.name === 'tg_exec'

/** The kernel side of process events: exec, fork, exit, and running processes. */
export class ProcessSensor implements Disposable {
  readonly #collection: Collection
  readonly #options: ProcessSensorOptions
  readonly ring: OpenMap<undefined, undefined>
  #hooks: readonly HookProgram[] = []
  /** Programs at execs that run before the newest filters, and so decide instead of the latest. */
  #early: readonly HookProgram[] = []
  /** Whether the programs at the hooks know process filters. */
  #filters = false
  #running: LoadedProgram | undefined
  #lookup: LookupDescriptors | undefined

  constructor(options: ProcessSensorOptions) {
    this.#options = options
    this.#collection = new Collection(options.target)
    this.ring = options.ring
    this.#collection.share(events, this.ring)
    this.#collection.share(processTable, createMap(processTableOf(options.processTableSize)))
  }

  /**
   * Loads all programs, so that `attach` is fast.
   * @throws LanguageError, VerifierError, SystemCallError
   */
  load(): void {
    const setup = this.#setup
    const cpus = possibleCpus()
    this.#hooks = this.#loadHooks(hookNames)
    this.#running = this.#collection.load(runningProgram(setup, entryScratch(cpus), this.walk))
    this.#lookup = this.#loadLookup(setup, entryScratch(cpus))
  }

  get #setup(): SensorSetup {
    const { hierarchy, content, rate } = this.#options
    const ringSize = this.ring.spec.maxEntries
    const records = processRecords(content)
    return { hierarchy, content, rate, records, ringSize, filters: this.#filters }
  }

  /** In attach order. */
  #loadHooks(names: readonly HookName[]): readonly HookProgram[] {
    const { environment, target } = this.#options
    const setup = this.#setup
    const cpus = possibleCpus()
    const wanted = names.map((name) => hookPrograms[name](setup, environment, cpus))
    // Two copies may be active on one CPU: each has its own scratch memory.
    return Array.from({ length: programCopies(target.btf) }, (_, copy) =>
      wanted.map(({ program, scratch, another }): HookProgram => {
        if (!scratch) return { program, loaded: this.#collection.load(program), scratch: [] }
        const own: MapSpec = copy === 0 ? scratch : another(cpus)
        const loaded = this.#collection.load(program, new Map([[scratch, own]]))
        return { program, loaded, scratch: [own] }
      }),
    ).flat()
  }

  /** The maps with records that are not posted. They are created for the first process filter. */
  get held(): HeldDescriptors {
    const { fd: ring } = this.#collection.map(backlog)
    const { fd: forks } = this.#collection.map(heldForksOf(this.#setup.records))
    const { fd: execs } = this.#collection.map(heldExecs)
    return { ringFd: ring.number, forksFd: forks.number, execsFd: execs.number }
  }

  /** Whether policies filter process events, and where records that are not posted go. */
  set filterMode(mode: keyof typeof filterMode) {
    this.#collection.map(filtering).update(0, filterMode[mode])
  }

  /**
   * Attaches the program at execs again, so that it runs after all process filters that are
   * attached now; the first time also those at forks and exits, in versions with filters. The new
   * ones are attached before the old ones are detached, and the second one has no effect on the
   * same event. The old one at execs remains until `detachEarly`: the filters that were attached
   * last have no effect before.
   * @throws VerifierError, SystemCallError
   */
  runAfterFilters(): void {
    const isFirst = !this.#filters
    this.#filters = true
    const added = this.#loadHooks(isFirst ? hookNames : ['exec'])
    const kinds = new Set(added.map(({ program }) => program.name))
    const replaced = this.#hooks.filter(({ program }) => kinds.has(program.name))
    const others = this.#hooks.filter((each) => !replaced.includes(each))
    for (const hook of added) this.#attach(hook)
    this.#hooks = [...others, ...added]
    this.#detach(replaced.filter((each) => !isAtExec(each)))
    this.#early = [...this.#early, ...replaced.filter(isAtExec)]
  }

  /** All hooks that need the new program of an exec run after the latest program at execs. */
  detachEarly(): void {
    this.#detach(this.#early)
    this.#early = []
  }

  #detach(hooks: readonly HookProgram[]): void {
    for (const { link, loaded, scratch } of hooks) {
      if (link) this.#collection.remove(link, loaded)
      for (const spec of scratch) this.#collection.forget(spec)
    }
  }

  #attach(hook: HookProgram): void {
    hook.link = this.#collection.link(hook.program, hook.loaded)
  }

  /** Undefined: this kernel cannot run it. */
  #loadLookup(setup: SensorSetup, scratch: MapSpec): LookupDescriptors | undefined {
    const answer = runningAnswer(setup.records)
    try {
      const program = this.#collection.load(lookupProgram(setup, scratch, answer))
      // No process has this pid.
      program.testRun({ context: new Uint8Array(lookupArguments * 8) })
      const { size } = setup.records.RunningRecord
      const answerFd = this.#collection.map(answer).fd.number
      return { programFd: program.fd.number, answerFd, size }
    } catch (error) {
      if (error instanceof SystemCallError || error instanceof VerifierError) return undefined
      throw error
    }
  }

  /** Descriptors of the program that looks up a process, and of its answer: `lookupProgram`. */
  get lookup(): LookupDescriptors | undefined {
    return this.#lookup
  }

  /**
   * Attaches all programs, and sends a record for each process that started before. The reader must
   * be running. @throws SystemCallError
   */
  start(): void {
    for (const step of this.startSteps) step()
  }

  /**
   * The steps of `start`; tests let processes fork and execute in between. Execs are hooked last:
   * an exec of a process that is not in the table would have an unknown image before it, which its
   * children name as their parent.
   */
  get startSteps(): readonly (() => void)[] {
    const attach = (hooks: readonly HookProgram[]): void =>
      hooks.forEach((hook) => {
        this.#attach(hook)
      })
    return [
      () => attach(this.#hooks.filter((hook) => !isAtExec(hook))),
      () => this.reportRunning(),
      () => attach(this.#hooks.filter(isAtExec)),
      () => this.#reportUnseenExecs(),
    ]
  }

  #reportUnseenExecs(): void {
    const isLooking = this.#collection.map(unseenExecs)
    isLooking.update(0, 1)
    this.reportRunning()
    isLooking.update(0, 0)
  }

  /**
   * Sends a record for each process that the reader does not know: at the start all that were not
   * forked since forks are hooked, and after a loss those whose record was lost.
   */
  reportRunning(): void {
    if (!this.#running) throw new Error('report running processes: not loaded')
    this.walk.run(this.#running)
  }

  /** How running processes are found. */
  get walk(): ProcessWalk {
    return this.#options.walk
  }

  /** Descriptor of the process table. */
  get tableFd(): number {
    return this.#collection.map(processTable).fd.number
  }

  /** The map that counts losses in the kernel. */
  get lossCounts(): OpenMap<number, bigint> {
    return this.#collection.map(losses)
  }

  /** Records and table entries lost in the kernel, by kind. */
  losses(): Record<LossKind, number> {
    const map = this.lossCounts
    return Object.fromEntries(
      lossKinds.map((kind, index) => [kind, Number(map.lookup(index) ?? 0n)]),
    ) as Record<LossKind, number>
  }

  /**
   * Upper bound of hits missed by every copy of a program: a hit is lost only if the kernel skipped
   * all copies. Counted since Linux 5.12.
   */
  possiblyMissed(): number {
    const fewest = new Map<string, number>()
    for (const program of this.#collection.programs) {
      const misses = Number(program.info().recursionMisses)
      fewest.set(program.name, Math.min(misses, fewest.get(program.name) ?? Infinity))
    }
    return [...fewest.values()].reduce((sum, misses) => sum + misses, 0)
  }

  /**
   * Maps that policy programs use: the ring, the process table, the loss counters, known groups.
   */
  sharedMaps(): OpenMaps {
    const maps = this.#collection
    return new OpenMaps()
      .set(events, maps.map(events))
      .set(processTable, maps.map(processTable))
      .set(losses, maps.map(losses))
      .set(reportedGroups, maps.map(reportedGroups))
  }

  get collection(): Collection {
    return this.#collection
  }

  [Symbol.dispose](): void {
    this.#collection.close()
  }
}
