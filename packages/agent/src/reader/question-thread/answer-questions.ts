import { workerData } from 'node:worker_threads'
import { resetPriority } from '../../raise-priority.ts'
import type { Answer, Question, QuestionThreadOptions } from './question-thread.ts'

/**
 * The program of a {@link QuestionThread}. A question also gets an answer if its function throws:
 * otherwise it would stay open.
 * @param prepare returns the function that answers; a long answer calls `onStep` now and then, so
 *   that the thread does not count as stuck
 */
export function answerQuestions<Q extends Question, A>(
  prepare: (procfs: string, onStep: () => void) => (question: Q) => A,
): void {
  // Work for others must not have the priority of the reader, which starts this thread.
  resetPriority()
  const { port, state, procfs } = workerData as QuestionThreadOptions
  const find = prepare(procfs, () => void Atomics.add(state, 3, 1))
  port.on('message', (questions: readonly Q[]) => {
    for (const question of questions) {
      if (Atomics.load(state, 2) === 1) return
      let result: A | undefined
      try {
        result = find(question)
      } catch {
        // Files and processes may be hostile: an unexpected one has no answer.
      }
      const answer: Answer<A> = { id: question.id, result }
      port.postMessage(answer)
      Atomics.add(state, 0, 1)
      Atomics.notify(state, 0)
    }
  })
  Atomics.store(state, 1, 1)
}
