import type { ReadProblems } from './read-problems.ts'
import type { ReadLine, RecordedEvent } from './record-reader.ts'
import type { RecordedFile } from './recorded-file.ts'

/** A file that is being read. */
interface Cursor<Recorded extends RecordedEvent> {
  readonly batches: AsyncGenerator<readonly Recorded[]>
  batch: readonly Recorded[]
  /** Index in the batch of the next event. */
  next: number
}

type AnyCursor = Cursor<RecordedEvent>

/**
 * The events of several files in order of time; those of one file keep their order. A file is open
 * while its events are due only: rotated files are read one after the other.
 */
export async function* mergeFiles<Recorded extends RecordedEvent>(
  files: readonly RecordedFile[],
  problems: ReadProblems,
  readLine: ReadLine<Recorded>,
): AsyncGenerator<readonly Recorded[]> {
  const waiting = files.toSorted((a, b) => compare(a.start, b.start))
  const open: Cursor<Recorded>[] = []
  try {
    for (;;) {
      while (waiting.length > 0 && isDue(waiting[0], open)) {
        const batches = waiting.shift()!.batches(problems, readLine)
        const cursor = { batches, batch: [], next: 0 }
        if (await advance(cursor)) open.push(cursor)
      }
      const first = earliest(open)
      if (first === undefined) return
      yield takeUntil(first, otherTime(first, open, waiting))
      if (first.next === first.batch.length && !(await advance(first))) {
        open.splice(open.indexOf(first), 1)
      }
    }
  } finally {
    await Promise.all(open.map(({ batches }) => batches.return(undefined)))
  }
}

/** Whether a file has events before all those of the open files. */
function isDue({ start }: RecordedFile, open: readonly AnyCursor[]): boolean {
  const first = earliest(open)
  return first === undefined || start <= timeOf(first)
}

/** Reads the next events. @returns false at the end of the file */
async function advance<Recorded extends RecordedEvent>(cursor: Cursor<Recorded>): Promise<boolean> {
  for (;;) {
    const { done, value } = await cursor.batches.next()
    if (done) return false
    if (value.length === 0) continue
    cursor.batch = value
    cursor.next = 0
    return true
  }
}

/** Takes the events of a file up to a time, at least one. */
function takeUntil<Recorded extends RecordedEvent>(
  cursor: Cursor<Recorded>,
  time: number,
): readonly Recorded[] {
  const { batch, next: from } = cursor
  do cursor.next++
  while (cursor.next < batch.length && batch[cursor.next].time <= time)
  return batch.slice(from, cursor.next)
}

/** Time of the next event in other files; Infinity without one. */
function otherTime(
  first: AnyCursor,
  open: readonly AnyCursor[],
  [waiting]: readonly RecordedFile[],
): number {
  const others = open.filter((each) => each !== first).map(timeOf)
  return Math.min(waiting?.start ?? Number.POSITIVE_INFINITY, ...others)
}

function earliest<Some extends AnyCursor>(open: readonly Some[]): Some | undefined {
  let first: Some | undefined
  for (const each of open) if (first === undefined || timeOf(each) < timeOf(first)) first = each
  return first
}

function timeOf({ batch, next }: AnyCursor): number {
  return batch[next].time
}

/** Two times; -Infinity may be one of them. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
