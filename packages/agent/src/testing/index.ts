export { type ObservedEvent, observe, only } from './observed-event.ts'
export { agentProgram, type Ending, makeTestFolder, RunningAgent } from './run-agent.ts'
