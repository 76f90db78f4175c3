import type { Answer, Command, Question } from './protocol.ts'

/** Questions to the reader's thread, until they are answered. */
export class Questions {
  readonly #send: (command: Command) => void
  readonly #open = new Map<number, (answer: Answer | undefined) => void>()
  #next = 1
  #isOver = false

  constructor(send: (command: Command) => void) {
    this.#send = send
  }

  /** @returns undefined when the thread has ended */
  async ask<Kind extends Answer['kind']>(
    kind: Kind,
    question: Question,
  ): Promise<Extract<Answer, { kind: Kind }> | undefined> {
    if (this.#isOver) return undefined
    const number = this.#next++
    const answer = new Promise<Answer | undefined>((resolve) => this.#open.set(number, resolve))
    this.#send({ ...question, question: number })
    const given = await answer
    this.#open.delete(number)
    return given?.kind === kind ? (given as Extract<Answer, { kind: Kind }>) : undefined
  }

  /** The thread has answered. */
  answer(answer: Answer): void {
    this.#open.get(answer.question)?.(answer)
  }

  /** The thread has ended: nothing is answered any more. */
  end(): void {
    this.#isOver = true
    for (const resolve of this.#open.values()) resolve(undefined)
  }
}
