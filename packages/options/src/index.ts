// Options of programs: declarations, and their values from all sources. Addresses to listen on, and
// limits of the connections there.

export {
  clientAddress,
  grpcAddress,
  isLocal,
  type ListenAddress,
  parseAddress,
} from './address.ts'
export { Allowances, type Rate } from './allowances.ts'
export { BadValue } from './bad-value.ts'
export { clientOf } from './client-network.ts'
export { formatDuration, parseDuration, readDuration } from './duration.ts'
export { optionRows, wrapText } from './help-rows.ts'
export {
  ConnectionLimiter,
  type ConnectionLimits,
  limitConnections,
} from './limit-connections.ts'
export { MeteredSocket } from './metered-socket.ts'
export { duration, entries, integer, optionalSize, readSize, size } from './numbers.ts'
export { OpenConnections } from './open-connections.ts'
export {
  choice,
  type Declaration,
  flag,
  list,
  type Option,
  option,
  optional,
  text,
} from './option.ts'
export type { OptionTable, OptionText, OptionTexts } from './option-table.ts'
export { lastGiven, readValues } from './read-values.ts'
export { readCommandLine } from './sources/command-line.ts'
export { type FileEntry, type FileValues, fileValues } from './sources/config-files.ts'
export { readDropIns } from './sources/drop-ins.ts'
export { readEnvironment, variableOf } from './sources/environment.ts'
