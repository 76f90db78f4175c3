import type { Subject } from './filter.ts'
import type { ProcessFacts } from './process-facts.ts'
import type { Word } from './word.ts'

/** What a filter sees of a process: a text is made when a term asks for it. */
export class ProcessSubject implements Subject {
  readonly #facts: ProcessFacts

  constructor(facts: ProcessFacts) {
    this.#facts = facts
  }

  has(word: Word): boolean {
    const { node, pod, pid, binary, args, ending, details } = this.#facts
    return word.isIn(`${node} ${pod} ${pid} ${binary} ${args} ${ending}`) || word.isIn(details)
  }

  get fields(): Subject['fields'] {
    const { execId, binary, user, pod, container, pid, node } = this.#facts
    return { binary, user, pod, container, pid: String(pid), node, exec: execId }
  }
}
