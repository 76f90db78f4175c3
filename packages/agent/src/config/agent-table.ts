import type { EnvironmentTable } from '@tetragon-ts/service/options'
import { AgentError } from '../error.ts'
import { options } from './families/index.ts'
import { leftOut } from './left-out.ts'

/** The options of the agent with what their sources need to know. */
export const agentTable: EnvironmentTable = {
  options,
  prefix: 'TETRAGON_',
  leftOut,
  advice: '; see --help',
  error: (message, rest) => new AgentError('AGENT_OPTION', message, rest),
}
