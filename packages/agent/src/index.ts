export { Agent, type AgentOptions } from './agent.ts'
export { AgentError, type AgentErrorCode } from './error.ts'
export { type EventContent, plainContent } from './pipeline/event-content.ts'
export { PolicyError } from './policies/policy-error.ts'
