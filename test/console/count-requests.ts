/** What a page and its worker have said to each other. */
export interface Conversation {
  /** Requests for rows of events. */
  readonly requests: number
  /** Summaries of the worker. */
  readonly summaries: number
}

/** Script for a page: counts what is said, until {@link takeConversation}. */
export const recordConversation = `
globalThis.conversation_ = { requests: 0, summaries: 0 }
{
  const said = globalThis.conversation_
  const post = Worker.prototype.postMessage
  const heard = new WeakSet()
  Worker.prototype.postMessage = function (message) {
    if (message.kind === 'events') said.requests++
    if (!heard.has(this)) this.addEventListener('message', ({ data }) => {
      if (data.kind === 'summary') said.summaries++
    })
    heard.add(this)
    return post.call(this, message)
  }
  said.end = () => { Worker.prototype.postMessage = post }
}`

/** Script for a page: ends the count, and returns it. */
export const takeConversation = `
globalThis.conversation_.end()
;({ requests: globalThis.conversation_.requests, summaries: globalThis.conversation_.summaries })`
