import type { Log } from '../log/log.ts'
import { LogFile } from '../log/log-file.ts'
import type { RunRequest } from './command.ts'

/** Sets up the log and logs warnings about the options. @throws AgentError AGENT_OPTION */
export function openLog(
  log: Log,
  { log: options, warnings, notices }: Pick<RunRequest, 'log' | 'warnings' | 'notices'>,
): void {
  log.level = options.level
  log.format = options.format
  if (options.file !== '') log.file = new LogFile(options.file)
  for (const warning of warnings) log.warning(warning)
  for (const notice of notices) log.info(notice)
}

/** After the log file was moved, for example by logrotate. */
export function reopenLog(log: Log): void {
  try {
    log.file?.reopen()
  } catch (error) {
    log.error((error as Error).message)
  }
}
