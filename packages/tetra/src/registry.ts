import type { Command } from './command.ts'
import { bugtool } from './commands/bugtool.ts'
import { cgtracker } from './commands/cgtracker.ts'
import { completion } from './commands/completion.ts'
import { consoleCommand } from './commands/console.ts'
import { cri } from './commands/cri.ts'
import { dump } from './commands/debug/dump.ts'
import { debug } from './commands/debug/index.ts'
import { eventlog } from './commands/eventlog.ts'
import { explain } from './commands/explain.ts'
import { findings } from './commands/findings.ts'
import { getevents } from './commands/getevents.ts'
import { help } from './commands/help.ts'
import { info } from './commands/info.ts'
import { kernels } from './commands/kernels.ts'
import { loglevel } from './commands/loglevel.ts'
import { policyfilter } from './commands/policyfilter/index.ts'
import { policytest } from './commands/policytest.ts'
import { probe } from './commands/probe/index.ts'
import { query } from './commands/query.ts'
import { relay } from './commands/relay.ts'
import { replay } from './commands/replay.ts'
import { rthooks } from './commands/rthooks.ts'
import { rules } from './commands/rules/index.ts'
import { sensors } from './commands/sensors.ts'
import { status } from './commands/status.ts'
import { top } from './commands/top.ts'
import { tracingpolicy } from './commands/tracingpolicy/index.ts'
import { tree } from './commands/tree.ts'
import { version } from './commands/version.ts'
import { findAmong } from './dispatch.ts'

/** All commands, in the order of the help text. A new command is one file, listed here. */
export const commands: readonly Command[] = [
  getevents,
  consoleCommand,
  tracingpolicy,
  rules,
  findings,
  query,
  replay,
  explain,
  policytest,
  top,
  tree,
  status,
  info,
  probe,
  kernels,
  loglevel,
  eventlog,
  debug,
  bugtool,
  cri,
  dump,
  sensors,
  policyfilter,
  cgtracker,
  rthooks,
  relay,
  completion(() => commands),
  version,
  help(() => commands),
]

/** Finds a command by its name or an alias. @throws UsageError with the nearest name */
export function findCommand(name: string): Command {
  return findAmong(commands, name)
}
