// Options of programs: declarations, their values from all sources, and their help.

export { BadValue } from './bad-value.ts'
export { readDuration } from './duration.ts'
export { optionRows, wrapText } from './help-rows.ts'
export { duration, entries, integer, optionalSize, readSize, size } from './numbers.ts'
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
