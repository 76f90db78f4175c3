import { answerQuestions } from '../question-thread/answer-questions.ts'
import { CodeSymbols } from './code-symbols.ts'
import type { SymbolQuestion } from './symbol-question.ts'

// The program of the thread that reads symbols. Those of a large program take it seconds.

answerQuestions((procfs) => {
  const symbols = new CodeSymbols(procfs)
  return (question: SymbolQuestion) => symbols.find(question)
})
