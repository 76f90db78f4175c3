import type {
  GetDebugRequest,
  GetDebugResponse,
  SetDebugRequest,
  SetDebugResponse,
} from '@tetragon-ts/api'
import type { LogLevelName } from '../../../log/log.ts'
import { RequestError } from '../../../request-error.ts'
import type { ServerHost } from '../server-host.ts'

const levels = {
  LOG_LEVEL_PANIC: 'panic',
  LOG_LEVEL_FATAL: 'fatal',
  LOG_LEVEL_ERROR: 'error',
  LOG_LEVEL_WARN: 'warning',
  LOG_LEVEL_INFO: 'info',
  LOG_LEVEL_DEBUG: 'debug',
  LOG_LEVEL_TRACE: 'trace',
} as const satisfies Record<string, LogLevelName>

type LevelName = keyof typeof levels

function levelName(level: LogLevelName): LevelName {
  const names = Object.keys(levels) as LevelName[]
  return names.find((name) => levels[name] === level) as LevelName
}

/** Answers GetDebug. @throws RequestError */
export async function getDebug(
  host: ServerHost,
  request: GetDebugRequest,
): Promise<GetDebugResponse> {
  const { flag = 'CONFIG_FLAG_LOG_LEVEL', dump = {} } = request
  if (flag === 'CONFIG_FLAG_LOG_LEVEL') return { flag, level: levelName(host.log.level) }
  if (flag === 'CONFIG_FLAG_DUMP_PROCESS_CACHE') {
    return { flag, processes: { processes: await host.processes(dump) } }
  }
  throw new RequestError('invalid', `get debug: unknown flag ${flag}`)
}

/** Answers SetDebug. @throws RequestError */
export function setDebug(host: ServerHost, request: SetDebugRequest): SetDebugResponse {
  const { flag = 'CONFIG_FLAG_LOG_LEVEL', level } = request
  if (flag !== 'CONFIG_FLAG_LOG_LEVEL') {
    throw new RequestError('invalid', `set debug: ${flag} cannot be set`)
  }
  if (level === undefined || !Object.hasOwn(levels, level)) {
    throw new RequestError('invalid', `set log level: unknown level ${level}`)
  }
  host.log.level = levels[level as LevelName]
  return { flag, level }
}
