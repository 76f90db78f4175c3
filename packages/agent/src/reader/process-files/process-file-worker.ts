import { isInProcfs, liveTask, readStart } from '../../processes/procfs.ts'
import { answerQuestions } from '../question-thread/answer-questions.ts'
import type { ProcessFile, ProcessFileQuestion } from './process-file-question.ts'

// The program of the thread that reads files of processes.

/** Bytes that are read: of maps, about 10,000 lines. */
const bytesMax: Readonly<Record<ProcessFile, number>> = { maps: 1 << 20, cmdline: 1 << 23 }

answerQuestions((procfs) => ({ pid, start, file }: ProcessFileQuestion) => {
  const content = readStart(`${liveTask(procfs, pid).folder}/${file}`, bytesMax[file])
  // Checked after reading: the pid was not reused before then.
  return isInProcfs(procfs, { pid, start }) ? new Uint8Array(content) : undefined
})
