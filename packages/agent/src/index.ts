export { Agent, type AgentOptions } from './agent.ts'
export { AgentError, type AgentErrorCode } from './error.ts'
