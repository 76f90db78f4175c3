import { TimeBudget } from '../process-files/time-budget.ts'
import { ByOrigin } from '../question-thread/by-origin.ts'
import { KnownSymbols } from './known-symbols.ts'
import type { Mapping } from './mappings.ts'
import { type ProcessImage, ProcessMappings } from './process-mappings.ts'
import type { CodeLocation, CodeName } from './symbol-question.ts'
import { SymbolQuestions } from './symbol-questions.ts'

/** A location in a program, for display. */
export interface UserFrame {
  /** Empty if it is unknown. */
  readonly symbol: string
  /** Bytes from the start of the symbol. */
  readonly symbolOffset: number
  /** Offset in the file, or in the mapping if it maps no file. */
  readonly offset: number
  /** The mapped file, or the file that names the function; empty if the mappings are unknown. */
  readonly module: string
}

/**
 * Milliseconds for which the function of an instruction is kept: for all processes that map the
 * file, or for one process.
 */
const keptMs = { shared: 10_000, own: 1000 }

/** What a stack is made of before its functions are known. */
interface Location extends CodeLocation {
  /** Key of its function if that is the same for all processes that map the file. */
  readonly sharedKey: string
  /** Key of its function in this image of the process only. */
  readonly ownKey: string
}

/**
 * Frames of programs. One thread reads mappings, while the process is probably still there, and
 * another one functions. The reader waits for their answers within a time budget. A frame whose
 * answer is late has no module or no symbol; later frames at the same instruction have it.
 */
export class UserFrames {
  readonly #mappings: ProcessMappings
  readonly #known = new KnownSymbols()
  readonly #questions: ByOrigin<SymbolQuestions<Location>>
  #unnamed = 0

  constructor(procfs: string) {
    this.#mappings = new ProcessMappings(procfs)
    const budget = new TimeBudget()
    const keep = (location: Location, found: CodeName | undefined) => this.#keep(location, found)
    this.#questions = new ByOrigin(procfs, () => new SymbolQuestions(procfs, budget, keep))
  }

  /** Frames without symbol because it was not found in time. */
  get unnamed(): number {
    return this.#unnamed + this.#mappings.skipped
  }

  /** Starts the threads for processes of the host: the first stack need not wait for that. */
  prepare(): void {
    this.#mappings.prepare()
    this.#questions.host.prepare()
  }

  /** The frames of a stack; undefined where the mappings are unknown. */
  find(image: ProcessImage, addresses: readonly number[]): readonly (UserFrame | undefined)[] {
    const now = performance.now()
    const mappings = this.#mappings.find(image, addresses, now)
    const locations = addresses.map((address, i) => locationOf(image, mappings[i], address))
    for (const questions of this.#questions.all) questions.receive()
    const wanted = new Map<string, Location>()
    for (const location of locations) {
      if (location && !this.#find(location, now)) wanted.set(location.ownKey, location)
    }
    if (wanted.size > 0) {
      this.#questions.of(image.pid).ask(image, [...wanted.values()], now)
    }
    return locations.map((location) => location && this.#frame(location, now))
  }

  #keep({ sharedKey, ownKey }: Location, found: CodeName | undefined): void {
    const { symbol, isShared = false } = found ?? {}
    const now = performance.now()
    if (isShared) this.#known.set(sharedKey, { symbol, until: now + keptMs.shared })
    else this.#known.set(ownKey, { symbol, until: now + keptMs.own })
  }

  #find({ sharedKey, ownKey }: Location, now: number) {
    return this.#known.get(sharedKey, now) ?? this.#known.get(ownKey, now)
  }

  #frame(location: Location, now: number): UserFrame {
    const { offset, path } = location
    const known = this.#find(location, now)
    if (known === undefined) this.#unnamed++
    const { name = '', offset: symbolOffset = 0, module = path } = known?.symbol ?? {}
    return { symbol: name, symbolOffset, offset, module }
  }
}

function locationOf(
  { pid, start: started, execs }: ProcessImage,
  mapping: Mapping | undefined,
  address: number,
): Location | undefined {
  if (mapping === undefined) return undefined
  const { start, end, device, inode, path } = mapping
  const offset = address - start + mapping.offset
  // Without a file, only the vDSO is shared; 32-bit programs have another one than 64-bit programs.
  const code = inode === '0' ? `${path} ${start < 2 ** 32}` : `${device} ${inode}`
  const sharedKey = `${code} ${offset}`
  const ownKey = `${pid} ${started} ${execs} ${address}`
  return { address, start, end, device, inode, path, offset, sharedKey, ownKey }
}
