import { QuestionThread } from '../question-thread/question-thread.ts'
import type { CodeNames, SymbolQuestion } from './symbol-question.ts'

const kind = {
  program: new URL('./symbol-worker.js', import.meta.url),
  name: 'tetragon-symbols',
  limits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  /** Longer than it takes to read the symbols of a large program on a slow machine. */
  giveUpMs: 60_000,
}

/** The thread that reads symbols. */
export function symbolThread(procfs: string): QuestionThread<SymbolQuestion, CodeNames> {
  return new QuestionThread(kind, procfs)
}
