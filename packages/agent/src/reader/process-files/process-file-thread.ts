import { QuestionThread } from '../question-thread/question-thread.ts'
import type { ProcessFileQuestion } from './process-file-question.ts'

/**
 * Milliseconds after which the thread counts as stuck. The kernel answers immediately, unless the
 * process holds the lock of its memory.
 */
export const stuckMs = 1000

const kind = {
  program: new URL('./process-file-worker.js', import.meta.url),
  name: 'tetragon-procfs',
  limits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
  giveUpMs: stuckMs,
}

/** The thread that reads files of processes. */
export function processFileThread(procfs: string): QuestionThread<ProcessFileQuestion, Uint8Array> {
  return new QuestionThread(kind, procfs)
}
