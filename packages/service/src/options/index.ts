// Options of programs: declarations, their values from all sources, and their help.

export { BadValue } from './bad-value.ts'
export { didYouMean } from './did-you-mean.ts'
export { formatDuration, parseDuration, readDuration } from './duration.ts'
export { helpRow, nameWidthOf, optionRows, optionText, wrapText } from './help-rows.ts'
export {
  duration,
  entries,
  integer,
  optionalInteger,
  optionalSize,
  readInteger,
  readSize,
  size,
} from './numbers.ts'
export { wrongOperands } from './operands.ts'
export {
  choice,
  choiceReader,
  type Declaration,
  flag,
  list,
  type Option,
  type Options,
  option,
  optional,
  optionalChoice,
  text,
  type ValuesOf,
} from './option.ts'
export type { EnvironmentTable, OptionTable, OptionText, OptionTexts } from './option-table.ts'
export { lastGiven, readValues } from './read-values.ts'
export { readArguments, readCommandLine, splitArguments } from './sources/command-line.ts'
export { type FileEntry, type FileValues, fileValues } from './sources/config-files.ts'
export { readDropIns } from './sources/drop-ins.ts'
export { readEnvironment, variableOf } from './sources/environment.ts'
