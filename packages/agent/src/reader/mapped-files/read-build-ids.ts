import { answerQuestions } from '../question-thread/answer-questions.ts'
import { type BuildIdQuestion, findBuildId } from './find-build-id.ts'

// The program of the thread that reads build ids.

answerQuestions((procfs) => (question: BuildIdQuestion) => findBuildId(procfs, question))
