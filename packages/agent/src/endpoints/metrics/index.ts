// The metrics of the agent, for documents and comparisons.

export { collectors } from './registry.ts'
