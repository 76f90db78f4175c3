// The options of the agent, for documents and comparisons.

export { agentOptionsOf } from './agent-options.ts'
export { families, options } from './families/index.ts'
export { leftOut } from './left-out.ts'
