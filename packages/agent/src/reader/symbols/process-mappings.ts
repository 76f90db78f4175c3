import { ProcessFiles } from '../process-files/process-files.ts'
import { TimeBudget } from '../process-files/time-budget.ts'
import { ByOrigin } from '../question-thread/by-origin.ts'
import { type Mapping, Mappings } from './mappings.ts'
import { SizedCache } from './sized-cache.ts'

/** What identifies an image of a process; see process.ts. */
export interface ProcessImage {
  readonly pid: number
  readonly start: number
  readonly execs: number
}

/** Maximum bytes of the texts of all kept mappings, and minimum that an image counts. */
const sizeMax = 1 << 24
const sizeMin = 1 << 14
/** Milliseconds after which mappings are read again: the process may have changed them. */
const freshMs = 1000
/** Milliseconds between reads because of addresses that no mapping contains. */
const missedMs = 50

const never = Number.NEGATIVE_INFINITY

interface Kept {
  /** Undefined: not read yet, or the process had ended before. */
  mappings: Mappings | undefined
  readAt: number
  /** `open`: the answer is not there yet; `refused`: the process holds up who reads them. */
  state: 'open' | 'answered' | 'refused'
}

/**
 * Mappings of processes whose stacks were recorded, the last ones also after the process has ended.
 * An image that ended before its first stack was read has none. Mappings that are not read in time
 * are there for later stacks of the image.
 */
export class ProcessMappings {
  readonly #files: ByOrigin<ProcessFiles>
  readonly #kept = new SizedCache<string, Kept>(sizeMax)
  readonly #budget = new TimeBudget()
  /** Addresses whose mappings were not read in time. */
  skipped = 0

  constructor(procfs: string) {
    this.#files = new ByOrigin(procfs, () => new ProcessFiles(procfs))
  }

  /** Prepares for the first stack of a process of the host. */
  prepare(): void {
    this.#files.host.prepare()
  }

  /** The mappings that contain addresses of a process. @param now milliseconds */
  find(
    image: ProcessImage,
    addresses: readonly number[],
    now: number,
  ): readonly (Mapping | undefined)[] {
    for (const files of this.#files.all) files.receive()
    const kept = this.#of(image, now)
    const find = (): (Mapping | undefined)[] => addresses.map((each) => kept.mappings?.find(each))
    let found = find()
    if (found.includes(undefined) && now - kept.readAt >= missedMs) {
      this.#read(image, kept, now)
      found = find()
    }
    if (kept.state !== 'answered') {
      this.skipped += found.filter((each) => each === undefined).length
    }
    return found
  }

  #of(image: ProcessImage, now: number): Kept {
    const kept: Kept = this.#kept.get(keyOf(image)) ?? {
      mappings: undefined,
      readAt: never,
      state: 'open',
    }
    if (now - kept.readAt >= freshMs) this.#read(image, kept, now)
    return kept
  }

  /** Reads them if there is time. Mappings of a process that has ended stay. */
  #read(image: ProcessImage, kept: Kept, now: number): void {
    const isAsked = kept.state === 'open' && kept.readAt !== never
    const available = this.#budget.available(now)
    if (isAsked || kept.state === 'refused' || available === 0) return
    kept.readAt = now
    kept.state = 'open'
    this.#keep(image, kept)
    const files = this.#files.of(image.pid)
    files.waitForStart()
    const start = performance.now()
    files.read(image, 'maps', available, (answer) => {
      if (answer instanceof Uint8Array) {
        kept.mappings = new Mappings(new TextDecoder().decode(answer))
      }
      if (answer === 'busy') kept.readAt = never
      else kept.state = answer === 'refused' ? 'refused' : 'answered'
      // A late answer: others may have taken its place.
      if (this.#kept.get(keyOf(image)) === kept) this.#keep(image, kept)
    })
    this.#budget.spend(performance.now() - start)
  }

  #keep(image: ProcessImage, kept: Kept): void {
    this.#kept.set(keyOf(image), kept, Math.max(sizeMin, kept.mappings?.size ?? 0))
  }
}

function keyOf({ pid, start, execs }: ProcessImage): string {
  return `${pid} ${start} ${execs}`
}
